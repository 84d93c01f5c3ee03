package kemu.check;

import java.util.LinkedHashMap;
import java.util.Map;
import kemu.hw.sched.Result.Verdict;
import kemu.mm.rmap.lock.AnonVmaLockings;

/**
 * The one table of expected verdicts: what an exhaustive check of a scenario must find of each variant. Rows are those
 * of KERNEL-FACTS sections A.9 and B.5, or argue with them in their scenario's Javadoc.
 */
public final class Expected {
    /** Scenario, then the variants that must fail; all others must hold. */
    private static final String[][] CONVICTED = {
        {"rmap-hang-child", "root-reread", "own-lock-first-naive"}, //
        {"rmap-hang-root", "root-reread"},
        {"rmap-hang-ctl", "read-twice"},
        {"rmap-object-rcu", "root-reread"},
        {"rmap-stale-ok"},
        {"rmap-no-mapped-test", "no-mapped-test"},
        {
            "rmap-no-typesafe",
            "plain-root-recheck",
            "plain-local-lock",
            "plain-own-lock-first",
            "plain-refcount",
            "plain-root-rwsem",
            "plain-root-rwsem-revalidate"
        },
        {"rmap-no-pageref", "without"},
        {"rmap-oldest", "newest"},
        {"rmap-root-order", "oldest-first-not-pinned", "newest-first-not-pinned-refcount"},
        {"rmap-put-order", "root-first"},
        {"rmap-double-reuse", "degree"},
        {"rmap-prepare-nolock", "not-locked"},
        {"rmap-delayed-rmap", "late-root-recheck", "late-refcount", "late-root-rwsem", "late-root-rwsem-revalidate"},
        {"slab-same-life", "pin-only"},
        {"slab-verify-first", "verify-then-pin"},
        {"slab-page-recycle", "no-typesafe"},
        {"slab-norcu-reader", "outside"},
        {"slab-zalloc", "zero-on-alloc", "ctor-on-alloc"},
        {"slab-destroy", "synchronize-rcu", "nothing"},
        {"slab-objrcu", "fast"},
        {"slab-quarantine", "fast"},
    };

    /** Variants that must hold though they are wrong: what hides their fault, and must be said beside the verdict. */
    private static final String[][] HIDDEN = {
        {"slab-quarantine", "delayed", "the lookup is wrong: late reuse hides the hang"},
    };

    /** Rows that are not built yet, and what they wait for. */
    private static final String[][] NOT_YET = {
        {"rmap-migrate-get", "page migration"},
        {"rmap-ksm-dirty", "KSM"},
        {"rmap-uffd-move", "moving pages between address spaces"},
        {"rmap-vma-adjust", "page migration"},
    };

    private Expected() {}

    /** What must be found; null of what other authors have added and say is known to be bad. */
    public static Verdict of(String scenario, String variant) {
        if (!Scenarios.isBuiltIn(scenario)) {
            return Verdict.PASS;
        }
        if (Scenarios.byName(scenario).byAnonVma() && isForeign(variant)) {
            return AnonVmaLockings.byName(variant).knownBad() ? null : Verdict.PASS;
        }
        for (String[] row : CONVICTED) {
            if (row[0].equals(scenario)) {
                for (int i = 1; i < row.length; i++) {
                    if (row[i].equals(variant)) {
                        return Verdict.FAIL;
                    }
                }
                return Verdict.PASS;
            }
        }
        throw new IllegalArgumentException("no expected verdict: " + scenario + " " + variant);
    }

    /** Why {@code PASS} of {@code variant} proves nothing: a fault is there and cannot be detected so; null if not. */
    public static String coverageLoss(String scenario, String variant) {
        for (String[] row : HIDDEN) {
            if (row[0].equals(scenario) && row[1].equals(variant)) {
                return "not detected (false safe, coverage loss): " + row[2];
            }
        }
        return null;
    }

    /** Names of scenarios that are not built yet, and what they wait for. */
    public static Map<String, String> notYet() {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String[] row : NOT_YET) {
            rows.put(row[0], row[1]);
        }
        return rows;
    }

    private static boolean isForeign(String anonVma) {
        return AnonVmaLockings.BUILT_IN.stream().noneMatch(one -> one.name().equals(anonVma));
    }
}
