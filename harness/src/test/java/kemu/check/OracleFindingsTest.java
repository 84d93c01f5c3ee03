package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.mem.FailureKind;
import org.junit.jupiter.api.Test;

/** Oracles on known-bad variants, through a check: what they find is noted, fails it if nothing else does, shrinks. */
class OracleFindingsTest {
    private static final long ENOUGH = 20_000;

    private static void assertFinds(String scenario, String variant, FailureKind kind, String... noted) {
        try (Check check = new Check(Subject.of(scenario, variant, MemoryModel.SC))) {
            Result found = check.explore("exhaustive", 1, ENOUGH, () -> 1);
            assertEquals(Result.Verdict.FAIL, found.verdict());
            assertEquals(kind, found.kind());
            Result small = check.shrink(found);
            assertEquals(kind, small.kind());
            Result explained = check.explain(check.schedule(small, 1));
            assertEquals(small.stateHash(), explained.stateHash());
            List<String> notes = check.notes();
            for (String note : noted) {
                assertTrue(notes.stream().anyMatch(line -> line.contains(note)), notes.toString());
            }
        }
    }

    @Test
    void shouldNoteTheWrongUnlockAndStillEndInTheHang() {
        assertFinds(
                "rmap-hang-child",
                "root-reread",
                FailureKind.HANG,
                "WARNING: bad unlock balance detected! reclaim/",
                "is trying to release lock (anon_vma->lock 0x",
                "RootSpinLocks.unlock",
                "ended with lock held! It is holding: (anon_vma->lock 0x");
    }

    @Test
    void shouldReportAnAnonVmaThatGoesBeforeItsPagesAreUnmapped() {
        assertFinds("rmap-delayed-rmap", "late-root-recheck", FailureKind.RMAP_I1, "(I1)");
    }

    @Test
    void shouldReportARootFreedBeforeItsChild() {
        assertFinds("rmap-root-order", "oldest-first-not-pinned", FailureKind.RMAP_I8, "(I8)");
    }

    @Test
    void shouldNoteTheUseAfterFreeOfADestroyedCache() {
        assertFinds(
                "slab-destroy",
                "nothing",
                FailureKind.USE_AFTER_FREE,
                "BUG: KASAN: slab-use-after-free in SlabAllocator.rcuFreeSlab Read of size 4",
                "meant for a struct kmem_cache");
    }

    @Test
    void shouldNoteTheTypeConfusionOfAReaderWithoutTypeStableSlabs() {
        assertFinds(
                "slab-page-recycle",
                "no-typesafe",
                FailureKind.TYPE_CONFUSION,
                "BUG: KASAN: type-confusion in Object",
                "meant for a struct conn");
    }
}
