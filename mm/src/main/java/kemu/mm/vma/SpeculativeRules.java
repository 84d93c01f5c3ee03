package kemu.mm.vma;

import io.soabase.recordbuilder.core.RecordBuilder;

/**
 * What a speculative fault does to be right; without one of them it is not.
 *
 * @param references whether a VMA that was found is referenced
 * @param putsAfterGracePeriod whether the tree's reference outlives all readers that may have found the VMA
 * @param retriesLookup whether a lookup that met a change of the tree is repeated
 * @param checksAfterBounds whether the VMA may not have changed since its bounds were read
 * @param checksUnderPteLock whether the VMA may not have changed once the pte is locked
 * @param triesPteLock whether the pte lock is only tried while TLB flushes wait for this CPU
 * @param samplesFirst whether the sequence that must not change is read before the bounds, so that it covers them
 * @param copiesIndex whether a new page's index is that of the VMA before the look at its sequence
 * @param checksCopy whether the VMA may not have changed once the pte is locked to map a copy
 * @param checksReuse the same to reuse a page whose lock was waited for
 * @param checksSwapIn the same to map a page of the swap cache
 * @param marksForFork whether a VMA changes while fork copies it
 * @param clearsNodeFirst whether a VMA says that it is on no tree before the tree's reference is put
 */
@RecordBuilder
public record SpeculativeRules(
        boolean references,
        boolean putsAfterGracePeriod,
        boolean retriesLookup,
        boolean checksAfterBounds,
        boolean checksUnderPteLock,
        boolean triesPteLock,
        boolean samplesFirst,
        boolean copiesIndex,
        boolean checksCopy,
        boolean checksReuse,
        boolean checksSwapIn,
        boolean marksForFork,
        boolean clearsNodeFirst)
        implements SpeculativeRulesBuilder.With {
    /** All of them. */
    public static final SpeculativeRules ALL =
            new SpeculativeRules(true, true, true, true, true, true, true, true, true, true, true, true, true);
}
