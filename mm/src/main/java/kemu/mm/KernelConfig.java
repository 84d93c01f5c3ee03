package kemu.mm;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.function.Consumer;
import kemu.mm.pgtable.tlb.TlbModes;
import kemu.mm.rmap.rules.AnonVmaRuleSets;
import kemu.mm.slab.ReusePolicy;
import kemu.mm.vma.lookup.VmaLookups;
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
        String tlb)
        implements KernelConfigBuilder.With {
    /** Checks names. */
    public KernelConfig {
        ReusePolicy.byName(slabReuse);
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
                TlbModes.NONE);
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
