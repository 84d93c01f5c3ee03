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
        boolean copiesIndex)
        implements SpeculativeRulesBuilder.With {
    /** All of them. */
    public static final SpeculativeRules ALL = new SpeculativeRules(true, true, true, true, true, true, true, true);
}
