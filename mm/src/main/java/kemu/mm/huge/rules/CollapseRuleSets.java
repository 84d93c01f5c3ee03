package kemu.mm.huge.rules;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.hw.cpu.Cpu;
import kemu.mm.huge.CollapseRules;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaLocking;

/**
 * Rules of collapsing by name. The command line offers none; a scenario configures its kernel with those that it tries.
 * All but the first are made up: each leaves out what a comment in Linux says is needed, and rmap-thp-collapse convicts
 * it.
 */
public final class CollapseRuleSets {
    /** The name of the default. */
    public static final String CURRENT = "current";

    /** Suppliers, so that a class is loaded only where its rule is chosen. */
    private static final Map<String, Supplier<CollapseRules>> BY_NAME = new TreeMap<>(Map.of(
            CURRENT,
            Current::new,
            "walks-not-locked",
            WalksNotLocked::new,
            "any-anon-vma",
            AnyAnonVma::new,
            "accesses-not-awaited",
            AccessesNotAwaited::new,
            "exit-goes-on",
            ExitGoesOn::new));

    private static class Current implements CollapseRules {}

    /** No anon_vma lock. */
    private static final class WalksNotLocked extends Current {
        @Override
        public void lockWalks(Cpu cpu, AnonVmaLocking locking, long anonVma) {
            // mmap_sem is thought to be enough.
        }

        @Override
        public void unlockWalks(Cpu cpu, AnonVmaLocking locking, long anonVma) {
            // Was not locked.
        }
    }

    /** The lock of the VMA's own anon_vma, whichever its pages are on: as Linux, where that is the root's. */
    private static final class AnyAnonVma extends Current {
        @Override
        public boolean knowsItsWalks(Cpu cpu, long vma) {
            return true;
        }
    }

    /** No pmdp_clear_flush_notify, only the clear. */
    private static final class AccessesNotAwaited extends Current {
        @Override
        public void waitForAccesses(Cpu cpu, PageTable pageTable, long mm) {
            // Who comes now finds no table.
        }
    }

    /** khugepaged_exit does not take mmap_sem for a slot at which khugepaged stands. */
    private static final class ExitGoesOn extends Current {
        @Override
        public boolean exitWaits() {
            return false;
        }
    }

    private CollapseRuleSets() {}

    /** All names. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The rules called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static CollapseRules byName(String name) {
        Supplier<CollapseRules> rules = BY_NAME.get(name);
        if (rules == null) {
            throw new IllegalArgumentException(
                    "collapse rules: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return rules.get();
    }
}
