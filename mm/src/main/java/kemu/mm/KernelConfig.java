package kemu.mm;

import java.util.function.Consumer;
import kemu.mm.rmap.rules.AnonVmaRuleSets;
import kemu.mm.slab.SlabAllocator;

/**
 * How the kernel is built.
 *
 * @param anonVma name of the anon_vma locking strategy
 * @param swapPages size of the swap area in pages; 0 for none
 * @param log takes lines of the kernel log (OOM kills, RCU stalls) in the kernel's wording; any host thread
 * @param background whether grace periods of RCU go on by themselves; without it a scenario asks for them
 * @param slabReuse when slabs hand a freed object out again ({@link kemu.mm.slab.SlabAllocator#reuses})
 * @param rcu name of the flavour of RCU ({@link kemu.rcu.flavors.RcuFlavors})
 * @param anonVmaRules name of the rules by which anon_vmas live and die ({@link AnonVmaRuleSets})
 */
public record KernelConfig(
        String anonVma,
        int swapPages,
        Consumer<String> log,
        boolean background,
        String slabReuse,
        String rcu,
        String anonVmaRules) {
    /** Checks names. */
    public KernelConfig {
        if (!SlabAllocator.reuses().contains(slabReuse)) {
            throw new IllegalArgumentException(
                    "slab-reuse: " + slabReuse + " (allowed: " + String.join(", ", SlabAllocator.reuses()) + ")");
        }
    }

    /** A kernel as it is outside of explorations. */
    public KernelConfig(String anonVma, int swapPages, Consumer<String> log) {
        this(anonVma, swapPages, log, true, "fast", "sched", AnonVmaRuleSets.CURRENT);
    }

    /** A kernel whose log nobody reads. */
    public KernelConfig(String anonVma, int swapPages) {
        this(anonVma, swapPages, line -> {});
    }

    /** The defaults: the fixed locking of 2.6.36, and {@code swapPages} of swap. */
    public static KernelConfig of(int swapPages) {
        return new KernelConfig("root-recheck", swapPages);
    }

    /** The same with or without background work. */
    public KernelConfig withBackground(boolean value) {
        return new KernelConfig(anonVma, swapPages, log, value, slabReuse, rcu, anonVmaRules);
    }

    /** The same with other reuse of slab objects. */
    public KernelConfig withSlabReuse(String name) {
        return new KernelConfig(anonVma, swapPages, log, background, name, rcu, anonVmaRules);
    }

    /** The same with another flavour of RCU. */
    public KernelConfig withRcu(String name) {
        return new KernelConfig(anonVma, swapPages, log, background, slabReuse, name, anonVmaRules);
    }

    /** The same with other rules for the life of anon_vmas. */
    public KernelConfig withAnonVmaRules(String name) {
        return new KernelConfig(anonVma, swapPages, log, background, slabReuse, rcu, name);
    }
}
