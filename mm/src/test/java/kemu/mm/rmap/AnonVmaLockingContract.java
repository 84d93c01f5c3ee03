package kemu.mm.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every sound {@link AnonVmaLocking} must pass. A plug-in's test extends it and names the strategy. */
public abstract class AnonVmaLockingContract {
    private static final int SEEDS = 300;

    /** The name of the strategy under test. */
    protected abstract String strategy();

    /** Whether a lookup takes the lock of the root. */
    protected boolean locksRoot() {
        return true;
    }

    /**
     * Whether a lookup may return an anon_vma that was freed since, which walkers tolerate but which must not be
     * pinned.
     */
    protected boolean mayReturnFreed() {
        return false;
    }

    /** Whether a lookup takes the lock of the anon_vma itself. */
    protected boolean locksOwn() {
        return false;
    }

    @Test
    void shouldSayItsName() {
        try (MmLab lab = MmLab.boot("emu", 1, 1, strategy(), "debug")) {
            assertEquals(strategy(), lab.kernel.anonVmas().locking().name());
        }
    }

    @Test
    void shouldReturnTheAnonVmaLockedWhileThePageIsMapped() {
        try (MmLab lab = MmLab.boot("emu", 1, 1, strategy(), "debug")) {
            lab.run(cpu -> {
                AnonVmaLocking locking = lab.kernel.anonVmas().locking();
                long mm = lab.newMm(cpu, 1);
                lab.write(cpu, mm, 0, 1);
                long child = lab.kernel.mms().dupMm(cpu, mm);
                lab.write(cpu, child, 0, 2);
                long page = lab.kernel.pages().pageOf(Pte.frame(lab.pte(cpu, child, 0)));
                long own = VmArea.ANON_VMA.get(cpu, lab.vma(cpu, child));
                long root = VmArea.ANON_VMA.get(cpu, lab.vma(cpu, mm));
                assertEquals(own, locking.pageLockAnonVma(cpu, page));
                assertEquals(locksRoot(), locking.isLocked(cpu, root), "the root's lock");
                assertEquals(locksOwn(), locking.isLocked(cpu, own), "the own lock");
                locking.pageUnlockAnonVma(cpu, own);
                assertTrue(!locking.isLocked(cpu, root) && !locking.isLocked(cpu, own));
                assertEquals(2, AnonVma.REFCOUNT.readOnce(cpu, root));
                assertEquals(1, AnonVma.REFCOUNT.readOnce(cpu, own));

                // Unmapped, but still with its old mapping: nothing to find, nothing left locked.
                Page.get(cpu, page);
                lab.kernel.mms().mmput(cpu, child);
                assertTrue(Page.isAnon(cpu, page));
                assertEquals(Cpu.NULL, locking.pageLockAnonVma(cpu, page));
                assertTrue(!locking.isLocked(cpu, root));
                lab.kernel.pages().putPage(cpu, page);
                assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu, mm));
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"debug", "ticket"})
    void shouldNeverUnlockAnotherLockUnderAnySchedule(String spinLock) {
        int found = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            int cpus = 2 + seed % 3;
            try (MmLab lab = MmLab.boot("emu", cpus, seed, strategy(), spinLock)) {
                LookupStorm storm = new LookupStorm(lab, Math.max(1, cpus - 2), 8, seed, !mayReturnFreed());
                storm.run();
                found += storm.found();
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(found > SEEDS, "lookups hardly ever found anything: " + found);
    }

    @Test
    void shouldNeverUnlockAnotherLockOnHostThreads() {
        int found = 0;
        // On a busy host the lookups of a storm may all come after its pages are gone: then there is another one.
        for (int round = 0; round < 3 || found == 0 && round < 60; round++) {
            int cpus = 2 + round % 3;
            try (MmLab lab = MmLab.boot("native", cpus, round, strategy(), "debug")) {
                LookupStorm storm = new LookupStorm(lab, Math.max(1, cpus - 2), 3_000, round, !mayReturnFreed());
                storm.run();
                found += storm.found();
            }
        }
        assertTrue(found > 0, "lookups never found anything");
    }
}
