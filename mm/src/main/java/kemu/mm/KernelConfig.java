package kemu.mm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.function.Consumer;
import kemu.mm.fault.direct.SlotPins;
import kemu.mm.huge.HugePages;
import kemu.mm.huge.rules.CollapseRuleSets;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.migrate.rules.MigrationRuleSets;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.pgtable.gather.Gathers;
import kemu.mm.pgtable.tlb.TlbModes;
import kemu.mm.rmap.index.AnonVmaIndexes;
import kemu.mm.rmap.rules.AnonVmaRuleSets;
import kemu.mm.slab.ReusePolicy;
import kemu.mm.swap.rules.FoundPageRuleSets;
import kemu.mm.truncate.rules.TruncateRuleSets;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.mm.vma.rules.VmaRuleSets;
import kemu.rcu.RcuOptions;

/**
 * How the kernel is built. Its withers are generated, so that one more option is one more component and its default.
 *
 * @param anonVma name of the anon_vma locking strategy
 * @param swapPages size of the swap area in pages; 0 for none
 * @param log takes lines of the kernel log (OOM kills, RCU stalls) in the kernel's wording; any host thread
 * @param background whether grace periods of RCU go on by themselves; without it a scenario asks for them
 * @param slabReuse when slabs hand a freed object out again ({@link ReusePolicy})
 * @param rcu name of the flavour of RCU ({@link kemu.rcu.flavors.RcuFlavors})
 * @param qhimark callbacks that make call_rcu itself get a grace period going ({@link RcuOptions#qhimark})
 * @param anonVmaRules name of the rules by which anon_vmas live and die ({@link AnonVmaRuleSets})
 * @param vmaLookup name of how a fault finds its VMA ({@link VmaLookups})
 * @param tlb name of the TLBs that user accesses go through ({@link TlbModes}); none unless they are explored
 * @param mlock name of how pages are mlocked ({@link Mlockings})
 * @param truncation name of the rules by which files are truncated ({@link TruncateRuleSets})
 * @param vmaRules name of the rules by which VMAs change ({@link VmaRuleSets})
 * @param swapChecks name of the tests of pages found in the swap cache ({@link FoundPageRuleSets})
 * @param anonVmaIndex name of what anon_vmas keep their VMAs in ({@link AnonVmaIndexes}); a tree needs one lock for all
 *     anon_vmas of a root
 * @param migration name of the rules by which pages are moved ({@link MigrationRuleSets})
 * @param compactJiffies ticks between two runs of kcompactd; 0 for none, which is the default
 * @param ksm name of the rules by which equal pages are merged, or that none are ({@link KsmRuleSets})
 * @param ksmScan pages that ksmd looks at in each tick, of all private memory, as if every process had asked for that
 *     (PR_SET_MEMORY_MERGE, Linux 6.4); 0 if only memory is merged for which madvise was called, which is the default
 * @param swapIn name of the way of pages from the swap area, through its cache or past it ({@link SlotPins})
 * @param gather name of where the gathers of unmapped pages lie ({@link Gathers})
 * @param thp whether anonymous memory is mapped by huge pages where it fits ({@link HugePages})
 * @param moveStacks whether exec builds the stack of a program at the top of its memory and then moves it to its place
 * @param khugepaged pages that khugepaged looks at in each tick; 0 for none, which is the default
 * @param collapse name of the rules by which small pages become huge ones ({@link CollapseRuleSets})
 */
@RecordBuilder
public record KernelConfig(
        String anonVma,
        int swapPages,
        Consumer<String> log,
        boolean background,
        String slabReuse,
        String rcu,
        long qhimark,
        String anonVmaRules,
        String vmaLookup,
        String tlb,
        String mlock,
        String truncation,
        String vmaRules,
        String swapChecks,
        String anonVmaIndex,
        String migration,
        long compactJiffies,
        String ksm,
        int ksmScan,
        String swapIn,
        String gather,
        String thp,
        boolean moveStacks,
        int khugepaged,
        String collapse)
        implements KernelConfigBuilder.With {
    /** Checks names. */
    public KernelConfig {
        ReusePolicy.byName(slabReuse);
        Gathers.check(gather);
        HugePages.check(thp);
        if (anonVmaIndex.equals(AnonVmaIndexes.INTERVAL_TREE) && anonVma.equals("local-lock")) {
            throw new IllegalArgumentException("an interval tree of VMAs needs a lookup that locks roots");
        }
        if (khugepaged > 0 && thp.equals(HugePages.NEVER)) {
            throw new IllegalArgumentException("khugepaged needs huge pages");
        }
        if (thp.equals(HugePages.ALWAYS) && !gather.equals(Gathers.PREEMPTIBLE)) {
            throw new IllegalArgumentException("huge pages need a gather that may sleep: one is split while unmapping");
        }
    }

    /** A kernel as it is outside of explorations. */
    public KernelConfig(String anonVma, int swapPages, Consumer<String> log) {
        this(
                anonVma,
                swapPages,
                log,
                true,
                "fast",
                "sched",
                RcuOptions.QHIMARK,
                AnonVmaRuleSets.CURRENT,
                VmaLookups.DEFAULT,
                TlbModes.NONE,
                Mlockings.DEFAULT,
                TruncateRuleSets.CURRENT,
                VmaRuleSets.CURRENT,
                FoundPageRuleSets.CURRENT,
                AnonVmaIndexes.LIST,
                MigrationRuleSets.CURRENT,
                0,
                KsmRuleSets.OFF,
                0,
                SlotPins.CACHED,
                Gathers.PREEMPTIBLE,
                HugePages.NEVER,
                false,
                0,
                CollapseRuleSets.CURRENT);
    }

    /** True if there may be huge pages. */
    public boolean hasHuge() {
        return !thp.equals(HugePages.NEVER);
    }

    /** A kernel whose log nobody reads. */
    public KernelConfig(String anonVma, int swapPages) {
        this(anonVma, swapPages, line -> {});
    }

    /** The defaults: the fixed locking of 2.6.36, and {@code swapPages} of swap. */
    public static KernelConfig of(int swapPages) {
        return new KernelConfig("root-recheck", swapPages);
    }
}
