package kemu.mm.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.BiConsumer;
import kemu.hw.cpu.Cpu;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.MmLab;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.vma.MmapLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies and pages of the swap cache are mapped without mmap_sem, and counted; what v12 leaves to it is left. */
class SpeculativeFaultTest {
    private static final int PAGES = 4;

    private MmLab lab;
    private TagCounts counts;

    private void run(String kind, BiConsumer<Cpu, Long> body) {
        KernelConfig config = KernelConfig.of(64).withVmaLookup("spf");
        try (MmLab booted = MmLab.boot(kind, 1, 1, config)) {
            lab = booted;
            counts = new TagCounts(lab.machine);
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, PAGES);
                lab.kernel.mms().mmget(cpu, mm);
                lab.write(cpu, mm, 0, 7);
                body.accept(cpu, mm);
                assertNull(lab.kernel.mms().auditMm(cpu, mm));
                lab.kernel.mms().mmput(cpu, mm);
                lab.kernel.mms().mmput(cpu, mm);
                assertEquals(0, lab.kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
                lab.kernel.swap().dropUnused(cpu);
                assertEquals(0, lab.kernel.swap().usedEntries(cpu));
            });
        }
    }

    private int fault(Cpu cpu, long mm, int page, boolean write) {
        return lab.kernel.faults().handleWithoutMmapSem(cpu, mm, MmLab.BASE + (long) page * MmLab.PAGE, write);
    }

    private void served(Cpu cpu, long mm, int page, boolean write) {
        long before = lab.kernel.vmStat().sum(cpu, VmStatItem.SPECULATIVE_PGFAULT);
        assertEquals(Faults.MINOR, fault(cpu, mm, page, write));
        assertEquals(before + 1, lab.kernel.vmStat().sum(cpu, VmStatItem.SPECULATIVE_PGFAULT));
        long pte = lab.pte(cpu, mm, page);
        assertTrue(Pte.present(pte) && (!write || (pte & Pte.RW) != 0), () -> "pte 0x" + Long.toHexString(pte));
    }

    private void left(Cpu cpu, long mm, int page, boolean write) {
        long pte = lab.pte(cpu, mm, page);
        long before = lab.kernel.vmStat().sum(cpu, VmStatItem.SPECULATIVE_PGFAULT);
        assertEquals(Faults.RETRY, fault(cpu, mm, page, write));
        assertEquals(before, lab.kernel.vmStat().sum(cpu, VmStatItem.SPECULATIVE_PGFAULT));
        assertEquals(pte, lab.pte(cpu, mm, page));
    }

    private long frame(Cpu cpu, long mm, int page) {
        return Pte.frame(lab.pte(cpu, mm, page));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldCopyTheZeroPage(String kind) {
        run(kind, (cpu, mm) -> {
            lab.expect(cpu, mm, 1, 0);
            assertTrue((lab.pte(cpu, mm, 1) & Pte.SPECIAL) != 0);
            served(cpu, mm, 1, true);
            assertEquals(0, lab.pte(cpu, mm, 1) & Pte.SPECIAL);
            lab.expect(cpu, mm, 1, 0);
            assertEquals(1, counts.of(Faults.SPECULATIVE_COW_TAG));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldCopyASharedPageAndReuseOnesOwn(String kind) {
        run(kind, (cpu, mm) -> {
            long child = lab.kernel.mms().dupMm(cpu, mm);
            lab.kernel.mms().mmget(cpu, child);
            long shared = frame(cpu, mm, 0);
            served(cpu, mm, 0, true);
            assertNotEquals(shared, frame(cpu, mm, 0));
            lab.write(cpu, mm, 0, 8);
            lab.expect(cpu, child, 0, 7);

            long reused = lab.kernel.vmStat().sum(cpu, VmStatItem.PGREUSE);
            served(cpu, child, 0, true);
            assertEquals(shared, frame(cpu, child, 0), "nobody else has it");
            assertEquals(reused + 1, lab.kernel.vmStat().sum(cpu, VmStatItem.PGREUSE));
            assertEquals(2, counts.of(Faults.SPECULATIVE_COW_TAG));
            assertNull(lab.kernel.mms().auditMm(cpu, child));
            lab.kernel.mms().mmput(cpu, child);
            lab.kernel.mms().mmput(cpu, child);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldMapPagesOfTheSwapCache(String kind) {
        run(kind, (cpu, mm) -> {
            unmapped(cpu, mm, 0);
            served(cpu, mm, 0, false);
            lab.expect(cpu, mm, 0, 7);
            assertEquals(1, counts.of(Faults.SPECULATIVE_SWAPIN_TAG));

            unmapped(cpu, mm, 0);
            served(cpu, mm, 0, true);
            assertEquals(2, counts.of(Faults.SPECULATIVE_SWAPIN_TAG));
            assertEquals(0, lab.kernel.swap().usedEntries(cpu), "its only owner takes it out of the cache");

            long child = lab.kernel.mms().dupMm(cpu, mm);
            unmapped(cpu, mm, 0);
            long cached = frame(cpu, mm, 0);
            served(cpu, mm, 0, true);
            assertNotEquals(cached, frame(cpu, mm, 0), "mapped, then copied");
            lab.write(cpu, mm, 0, 9);
            lab.expect(cpu, child, 0, 7);
            lab.kernel.mms().mmput(cpu, child);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldNotReadFromSwap(String kind) {
        run(kind, (cpu, mm) -> {
            long page = unmapped(cpu, mm, 0);
            assertTrue(lab.kernel.lru().isolate(cpu, page));
            lab.kernel.pageLock().lock(cpu, page);
            lab.kernel.swap().writepage(cpu, page);
            lab.kernel.pageLock().lock(cpu, page);
            lab.kernel.swap().deleteFromCache(cpu, page);
            lab.kernel.pageLock().unlock(cpu, page);
            lab.kernel.lru().putback(cpu, page);
            left(cpu, mm, 0, false);
            assertEquals(Faults.MAJOR, lab.kernel.faults().handleMmFault(cpu, mm, MmLab.BASE, false));
            lab.expect(cpu, mm, 0, 7);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldBeginAnewWhileTheVmaChanges(String kind) {
        run(kind, (cpu, mm) -> {
            lab.expect(cpu, mm, 1, 0);
            unmapped(cpu, mm, 0);
            MmapLock lock = lab.kernel.mms().mmapLock();
            lock.writeLock(cpu, mm);
            lab.kernel.mms().lookup().startWrite(cpu, lab.vma(cpu, mm));
            left(cpu, mm, 0, true);
            left(cpu, mm, 1, true);
            lock.writeUnlock(cpu, mm);
            served(cpu, mm, 0, true);
            served(cpu, mm, 1, true);
        });
    }

    /** What reclaim does until it would write the page out; the page, which stays in the swap cache. */
    private long unmapped(Cpu cpu, long mm, int page) {
        long one = lab.kernel.pages().pageOf(frame(cpu, mm, page));
        Page.get(cpu, one);
        lab.kernel.lru().drainAll(cpu);
        lab.kernel.rmapWalk().pageReferenced(cpu, one, true);
        lab.kernel.pageLock().lock(cpu, one);
        assertTrue(Page.test(cpu, one, Page.PG_SWAPCACHE) || lab.kernel.swap().addToSwap(cpu, one));
        assertEquals(RmapWalk.SWAP_SUCCESS, lab.kernel.rmapWalk().tryToUnmap(cpu, one));
        lab.kernel.pageLock().unlock(cpu, one);
        lab.kernel.pages().putPage(cpu, one);
        assertTrue(!Pte.present(lab.pte(cpu, mm, page)));
        return one;
    }
}
