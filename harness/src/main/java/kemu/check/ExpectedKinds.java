package kemu.check;

import static kemu.check.scenario.Expectation.HOLDS;
import static kemu.check.scenario.Expectation.fails;
import static kemu.hw.mem.FailureKind.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;

/**
 * The table: of every scenario the variants that must fail, and how. All others must hold. Rows are those of
 * KERNEL-FACTS sections A.9 and B.5, or argue with them in their scenario's Javadoc.
 *
 * <p>A row names one kind unless several are the fault meant, and different searches or models come upon different ones
 * first; a comment then says which.
 */
final class ExpectedKinds {
    private static final Set<MemoryModel> BUFFERED = Set.of(MemoryModel.TSO, MemoryModel.WEAK, MemoryModel.ALPHA);
    private static final Set<MemoryModel> LATE = Set.of(MemoryModel.WEAK, MemoryModel.ALPHA);
    private static final String DEBUG = "debug";
    private static final String TAS = "tas";

    /** One row; {@code spinLock} is empty for every one, {@code models} for all. */
    private record Row(
            String scenario, String variant, String spinLock, Set<MemoryModel> models, Expectation expected) {
        boolean isOf(Subject subject) {
            return scenario.equals(subject.scenario())
                    && variant.equals(subject.variant())
                    && (spinLock.isEmpty() || spinLock.equals(subject.spinLock()))
                    && (models.isEmpty() || models.contains(subject.model()));
        }
    }

    /** The last row that fits counts. */
    private static final List<Row> ROWS = new ArrayList<>();

    static {
        // The lock of another anon_vma is released; its own stays locked. A search that samples may see no more of it
        // than that the list was walked under the wrong lock.
        for (String[] wrongUnlock : new String[][] {
            {"rmap-hang-child", "root-reread"},
            {"rmap-hang-root", "root-reread"},
            {"rmap-hang-ctl", "read-twice"},
            {"rmap-object-rcu", "root-reread"},
            {"slab-objrcu", "fast"},
            {"slab-quarantine", "fast"}
        }) {
            all(wrongUnlock[0], wrongUnlock[1], fails(HANG).withSigns(DATA_RACE, BAD_UNLOCK));
            // It knows its owner, and says so at once.
            with(DEBUG, wrongUnlock[0], wrongUnlock[1], fails(BAD_UNLOCK));
        }
        // Here the foreign lock is released twice, which this lock does not notice, and nobody needs the other one.
        with(TAS, "rmap-hang-root", "root-reread", fails(BAD_UNLOCK));
        all("rmap-hang-child", "own-lock-first-naive", fails(HANG));
        // What is written to is free, or somebody else's by then; where stores or loads come late the two need not be
        // seen in this order, only that nothing orders them.
        all(
                "rmap-no-mapped-test",
                "no-mapped-test",
                fails(USE_AFTER_FREE, TYPE_CONFUSION).withSigns(DATA_RACE));
        on(LATE, "rmap-no-mapped-test", "no-mapped-test", fails(USE_AFTER_FREE, TYPE_CONFUSION, DATA_RACE));
        for (String lookup : List.of("root-recheck", "local-lock", "own-lock-first")) {
            all("rmap-no-typesafe", "plain-" + lookup, fails(USE_AFTER_FREE).withSigns(DATA_RACE));
            on(BUFFERED, "rmap-no-typesafe", "plain-" + lookup, fails(USE_AFTER_FREE, DATA_RACE));
        }
        for (String lookup : List.of("refcount", "root-rwsem", "root-rwsem-revalidate")) {
            all("rmap-no-typesafe", "plain-" + lookup, fails(USE_AFTER_FREE).withSigns(DATA_RACE));
        }
        all("rmap-no-pageref", "without", fails(RMAP_I6));
        all("rmap-oldest", "newest", fails(RMAP_I1));
        all("rmap-root-order", "oldest-first-not-pinned", fails(RMAP_I8));
        all("rmap-root-order", "newest-first-not-pinned-refcount", fails(RMAP_I8));
        all("rmap-put-order", "root-first", fails(RMAP_I8));
        all("rmap-double-reuse", "degree", fails(RMAP_I3));
        for (String lookup : List.of("root-recheck", "refcount", "root-rwsem", "root-rwsem-revalidate")) {
            all("rmap-delayed-rmap", "late-" + lookup, fails(RMAP_I1));
        }
        all("rmap-prepare-nolock", "not-locked", fails(DATA_RACE));
        all("slab-same-life", "pin-only", fails(WRONG_OBJECT));
        all("slab-verify-first", "verify-then-pin", fails(WRONG_OBJECT));
        all("slab-page-recycle", "no-typesafe", fails(TYPE_CONFUSION).withSigns(DATA_RACE, USE_AFTER_FREE));
        all("slab-norcu-reader", "outside", fails(TYPE_CONFUSION).withSigns(DATA_RACE, USE_AFTER_FREE));
        for (String variant : List.of("zero-on-alloc", "ctor-on-alloc")) {
            // Whoever comes next waits for a ticket that is never called; the holder itself may notice first.
            all("slab-zalloc", variant, fails(HANG).withSigns(LOCK_WIPED));
            // One word: wiped, it is free.
            with(TAS, "slab-zalloc", variant, fails(LOCK_WIPED));
            with(DEBUG, "slab-zalloc", variant, fails(LOCK_WIPED, BAD_UNLOCK));
        }
        all("slab-destroy", "synchronize-rcu", fails(USE_AFTER_FREE));
        all("slab-destroy", "nothing", fails(USE_AFTER_FREE));
    }

    private ExpectedKinds() {}

    private static void all(String scenario, String variant, Expectation expected) {
        ROWS.add(new Row(scenario, variant, "", Set.of(), expected));
    }

    private static void on(Set<MemoryModel> models, String scenario, String variant, Expectation expected) {
        ROWS.add(new Row(scenario, variant, "", models, expected));
    }

    private static void with(String spinLock, String scenario, String variant, Expectation expected) {
        ROWS.add(new Row(scenario, variant, spinLock, Set.of(), expected));
    }

    /** What the table says of {@code subject}, whatever its slabs do. */
    static Expectation of(Subject subject) {
        Expectation found = HOLDS;
        for (Row row : ROWS) {
            if (row.isOf(subject)) {
                found = row.expected;
            }
        }
        return found;
    }

    /** Scenario and variant of every row, as {@code scenario/variant}. */
    static Set<String> named() {
        Set<String> named = new TreeSet<>();
        ROWS.forEach(row -> named.add(row.scenario + "/" + row.variant));
        return named;
    }
}
