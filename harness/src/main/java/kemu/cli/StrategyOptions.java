package kemu.cli;

import java.util.List;
import kemu.check.scenario.Subject;
import kemu.kernel.locking.SpinLocks;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.slab.ReusePolicy;
import kemu.mm.strategy.Strategies;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.option.UsageException;
import kemu.rcu.flavors.RcuFlavors;
import picocli.CommandLine.Option;

/** Options that name a strategy: one class for each family, which takes its names from the family's own table. */
final class StrategyOptions {
    private StrategyOptions() {}

    /** {@code --anon-vma}: how a page's anon_vma is found and pinned. */
    static final class AnonVma {
        @Option(
                names = "--anon-vma",
                paramLabel = "NAME",
                description = "see kemu list strategies (default: the first there; of check all: every one)")
        private String name;

        /** The name that was given, and is known; null if none was. */
        String given() {
            if (name != null) {
                UsageException.requireOneOf("--anon-vma", name, Strategies.names(AnonVmaLockings.all()));
            }
            return name;
        }

        /** The name that was given, or else the default. */
        String chosen() {
            String given = given();
            return given != null ? given : AnonVmaLockings.BUILT_IN.get(0).name();
        }
    }

    /** {@code --vma-lookup}: how a fault finds its VMA. */
    static final class VmaLookup {
        @Option(
                names = "--vma-lookup",
                paramLabel = "NAME",
                description = "how a fault finds its VMA, see kemu list strategies (default: the first there; of a"
                        + " check: as the scenario says, of all: every one)")
        private String name;

        /** The name that was given, and is known; null if none was. */
        String given() {
            if (name != null) {
                UsageException.requireOneOf("--vma-lookup", name, Strategies.names(VmaLookups.all()));
            }
            return name;
        }

        /** The name that was given, or else the default. */
        String chosen() {
            String given = given();
            return given != null ? given : VmaLookups.DEFAULT;
        }
    }

    /** {@code --mlock}: how pages are mlocked. */
    static final class Mlock {
        @Option(
                names = "--mlock",
                paramLabel = "NAME",
                description = "how pages are mlocked, see kemu list strategies (default: the first there)")
        private String name;

        /** The name that was given, or else the default. */
        String chosen() {
            if (name == null) {
                return Mlockings.DEFAULT;
            }
            UsageException.requireOneOf("--mlock", name, Strategies.names(Mlockings.all()));
            return name;
        }
    }

    /** {@code --spinlock}: the algorithm of spinlocks. */
    static final class SpinLock {
        @Option(
                names = "--spinlock",
                paramLabel = "NAME",
                description = "see kemu list strategies (default: " + Subject.SPIN_LOCK + ")")
        private String name;

        /** The name that was given, or else the default. */
        String chosen() {
            if (name == null) {
                return Subject.SPIN_LOCK;
            }
            UsageException.requireOneOf("--spinlock", name, List.of(SpinLocks.names()));
            return name;
        }
    }

    /** {@code --rcu}: the flavour of RCU. */
    static final class Rcu {
        private static final String USUAL = "sched";

        @Option(
                names = "--rcu",
                paramLabel = "NAME",
                description = "flavour of RCU, see kemu list strategies (default: " + USUAL + ")")
        private String name;

        /** The name that was given, or else the default. */
        String chosen() {
            if (name == null) {
                return USUAL;
            }
            UsageException.requireOneOf("--rcu", name, List.of(RcuFlavors.names()));
            return name;
        }
    }

    /** {@code --slab-reuse}: when freed objects are handed out again. */
    static final class SlabReuse {
        @Option(
                names = "--slab-reuse",
                paramLabel = "NAME",
                description = "see kemu list strategies (default: as the variant says)")
        private String name;

        /** The name that was given; empty if none was. */
        String given() {
            if (name == null) {
                return "";
            }
            UsageException.requireOneOf("--slab-reuse", name, ReusePolicy.names());
            return name;
        }
    }
}
