package kemu.mm.migrate.rules;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import kemu.mm.migrate.MigrationPin;
import kemu.mm.migrate.MigrationRules;
import kemu.mm.rmap.AnonVmaServices;
import kemu.mm.rmap.AnonVmas;

/**
 * Rules of migration by name. The command line offers none; a scenario configures its kernel with those that it tries.
 */
public final class MigrationRuleSets {
    /** The name of the default. */
    public static final String CURRENT = GetUnlessZero.NAME;

    /** Suppliers, so that a class is loaded only where its rule is chosen. */
    private static final Map<String, Supplier<MigrationRules>> BY_NAME = new TreeMap<>(Map.of(
            CURRENT,
            Current::new,
            GetMapped.NAME,
            () -> (services, anonVmas) -> new GetMapped(services),
            LockThenGet.NAME,
            () -> (services, anonVmas) -> new LockThenGet(services.refs(), anonVmas.locking()),
            RcuOnly.NAME,
            () -> (services, anonVmas) -> new RcuOnly(services.rcu()),
            "peeks",
            Peeks::new,
            "resets-mapping",
            ResetsMapping::new,
            "kills-unmapped",
            KillsUnmapped::new,
            "copy-first",
            CopyFirst::new,
            "unmaps-temporary-stacks",
            UnmapsTemporaryStacks::new));

    /** The default, from which others differ in one rule. */
    private static class Current implements MigrationRules {
        @Override
        public MigrationPin pin(AnonVmaServices services, AnonVmas anonVmas) {
            return new GetUnlessZero(services);
        }
    }

    /** migrate_page_copy() clears page.mapping. Until Linux 4.3. */
    private static final class ResetsMapping extends Current {
        @Override
        public boolean resetsMapping() {
            return true;
        }
    }

    /**
     * What Peter Zijlstra took memory-failure.c to do, in April 2010. No kernel did: collect_procs_anon() has asked
     * page_mapped_in_vma() from the beginning (6a46079cf57).
     */
    private static final class KillsUnmapped extends Current {
        @Override
        public boolean killsUnmapped() {
            return true;
        }
    }

    /** Until 2.6.34, which took the stack of an exec for any other VMA. */
    private static final class UnmapsTemporaryStacks extends Current {
        @Override
        public boolean skipsTemporaryStacks() {
            return false;
        }
    }

    /** Made up: no kernel copies so early. */
    private static final class CopyFirst extends Current {
        @Override
        public boolean copiesFirst() {
            return true;
        }
    }

    /** Until 3.0: remove_migration_pte() looks before it locks. Source: 486cf46f3f9b (3.1), which ended that. */
    private static final class Peeks extends Current {

        @Override
        public boolean peeks() {
            return true;
        }
    }

    private MigrationRuleSets() {}

    /** All names. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The rules called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static MigrationRules byName(String name) {
        Supplier<MigrationRules> rules = BY_NAME.get(name);
        if (rules == null) {
            throw new IllegalArgumentException(
                    "migration rules: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return rules.get();
    }
}
