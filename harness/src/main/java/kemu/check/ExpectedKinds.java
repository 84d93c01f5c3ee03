package kemu.check;

import static kemu.check.Expectation.HOLDS;
import static kemu.check.Expectation.fails;
import static kemu.check.FailureKind.*;

import java.util.ArrayList;
import java.util.List;

/**
 * The table: of every scenario the variants that must fail, and how. All others must hold. Rows are those of
 * KERNEL-FACTS sections A.9 and B.5, or argue with them in their scenario's Javadoc.
 *
 * <p>A row names one kind unless several are the fault meant, and different searches or models come upon different ones
 * first; a comment then says which.
 */
final class ExpectedKinds {
    /** One row. {@code spinLock} is empty for every one. */
    private record Row(String scenario, String variant, String spinLock, Expectation expected) {}

    private static final List<Row> ROWS = new ArrayList<>();

    private ExpectedKinds() {}

    private static void row(String scenario, String variant, FailureKind first, FailureKind... others) {
        ROWS.add(new Row(scenario, variant, "", fails(first, others)));
    }

    static {
        row("rmap-hang-child", "root-reread", HANG);
        row("rmap-hang-child", "own-lock-first-naive", HANG);
        row("rmap-hang-root", "root-reread", HANG);
        row("rmap-hang-ctl", "read-twice", HANG);
        row("rmap-object-rcu", "root-reread", HANG);
        row("rmap-no-mapped-test", "no-mapped-test", USE_AFTER_FREE);
        row("rmap-no-typesafe", "plain-root-recheck", USE_AFTER_FREE);
        row("rmap-no-typesafe", "plain-local-lock", USE_AFTER_FREE);
        row("rmap-no-typesafe", "plain-own-lock-first", USE_AFTER_FREE);
        row("rmap-no-typesafe", "plain-refcount", USE_AFTER_FREE);
        row("rmap-no-typesafe", "plain-root-rwsem", USE_AFTER_FREE);
        row("rmap-no-typesafe", "plain-root-rwsem-revalidate", USE_AFTER_FREE);
        row("rmap-no-pageref", "without", RMAP_I6);
        row("rmap-oldest", "newest", RMAP_I1);
        row("rmap-root-order", "oldest-first-not-pinned", RMAP_I8);
        row("rmap-root-order", "newest-first-not-pinned-refcount", RMAP_I8);
        row("rmap-put-order", "root-first", RMAP_I8);
        row("rmap-double-reuse", "degree", RMAP_I3);
        row("rmap-prepare-nolock", "not-locked", DATA_RACE);
        row("rmap-delayed-rmap", "late-root-recheck", RMAP_I1);
        row("rmap-delayed-rmap", "late-refcount", RMAP_I1);
        row("rmap-delayed-rmap", "late-root-rwsem", RMAP_I1);
        row("rmap-delayed-rmap", "late-root-rwsem-revalidate", RMAP_I1);
        row("slab-same-life", "pin-only", WRONG_OBJECT);
        row("slab-verify-first", "verify-then-pin", WRONG_OBJECT);
        row("slab-page-recycle", "no-typesafe", TYPE_CONFUSION);
        row("slab-norcu-reader", "outside", TYPE_CONFUSION);
        row("slab-zalloc", "zero-on-alloc", HANG);
        row("slab-zalloc", "ctor-on-alloc", HANG);
        row("slab-destroy", "synchronize-rcu", USE_AFTER_FREE);
        row("slab-destroy", "nothing", USE_AFTER_FREE);
        row("slab-objrcu", "fast", HANG);
        row("slab-quarantine", "fast", HANG);
    }

    /** What the table says of {@code subject}, whatever its slabs do. */
    static Expectation of(Subject subject) {
        Expectation found = HOLDS;
        for (Row row : ROWS) {
            if (row.scenario.equals(subject.scenario())
                    && row.variant.equals(subject.variant())
                    && (row.spinLock.isEmpty() || row.spinLock.equals(subject.spinLock()))) {
                found = row.expected;
            }
        }
        return found;
    }

    /** True if there is a row for {@code scenario} with {@code variant}. */
    static boolean hasRow(String scenario, String variant) {
        return ROWS.stream().anyMatch(row -> row.scenario.equals(scenario) && row.variant.equals(variant));
    }
}
