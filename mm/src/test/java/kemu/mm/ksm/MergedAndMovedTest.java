package kemu.mm.ksm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.fault.Faults;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where KSM pages meet migration, UFFDIO_MOVE, mlock, truncation, memory failure and faults without mmap_sem. */
class MergedAndMovedTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int LARGE = 16;

    private VmaTestKernel test;
    private Kernel kernel;

    private interface Script {
        void run(Cpu cpu);
    }

    private static KernelConfig merging() {
        return KernelConfig.of(64).withKsm(KsmRuleSets.CURRENT);
    }

    private void on(KernelConfig config, Script script) {
        try (VmaTestKernel booted = VmaTestKernel.boot((MemoryModel) null, 1, 1, config)) {
            test = booted;
            kernel = booted.kernel;
            booted.run((cpu, id) -> {
                script.run(cpu);
                kernel.ksm().settle(cpu);
                kernel.swap().dropUnused(cpu);
                assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
            });
        }
    }

    private long at(int page) {
        return BASE + (long) page * PAGE;
    }

    private long mapped(Cpu cpu, long file, int pages) {
        long mm = kernel.mms().mmAlloc(cpu);
        assertEquals(BASE, kernel.mmap().mmap(cpu, mm, BASE, at(pages) - BASE, RW, true, file, 0));
        assertEquals(0, kernel.mmap().madviseMergeable(cpu, mm, BASE, at(pages) - BASE, true));
        return mm;
    }

    /** A process with {@code pages} pages that hold the same. */
    private long equalPages(Cpu cpu, int pages) {
        long mm = mapped(cpu, Cpu.NULL, pages);
        for (int i = 0; i < pages; i++) {
            store(cpu, mm, i, 7);
        }
        return mm;
    }

    private void store(Cpu cpu, long mm, int page, long value) {
        assertEquals(0, kernel.userAccess().store64(cpu, mm, at(page), value));
    }

    private void assertHolds(Cpu cpu, long mm, int page, long value) {
        assertEquals(0, kernel.userAccess().load64(cpu, mm, at(page), value), "page " + page);
    }

    private long page(Cpu cpu, long mm, int page) {
        long pte = cpu.readOnce64(kernel.pageTable().find(cpu, mm, at(page)));
        assertTrue(Pte.present(pte));
        return kernel.pages().pageOf(Pte.frame(pte));
    }

    private void merge(Cpu cpu) {
        kernel.lru().drainAll(cpu);
        for (int i = 0; i < 3; i++) {
            kernel.ksm().scan(cpu, Integer.MAX_VALUE);
        }
        kernel.lru().drainAll(cpu);
    }

    /** A KSM page that only one pte maps: the other one was written to. */
    private long soleMerged(Cpu cpu) {
        long mm = equalPages(cpu, 2);
        merge(cpu);
        store(cpu, mm, 1, 8);
        assertTrue(MergedPages.isMerged(cpu, page(cpu, mm, 0)));
        assertEquals(at(LARGE), kernel.mmap().mmap(cpu, mm, at(LARGE), 2L * PAGE, RW, true, Cpu.NULL, 0));
        return mm;
    }

    private void exit(Cpu cpu, long... mms) {
        for (long mm : mms) {
            test.audit(cpu, mm, "all");
            kernel.mms().mmput(cpu, mm);
        }
        kernel.lru().drainAll(cpu);
    }

    private void swapOut(Cpu cpu, long page) {
        kernel.pageLock().lock(cpu, page);
        assertTrue(kernel.swap().addToSwap(cpu, page));
        kernel.rmapWalk().pageReferenced(cpu, page, true);
        assertEquals(RmapWalk.SWAP_SUCCESS, kernel.rmapWalk().tryToUnmap(cpu, page));
        kernel.pageLock().unlock(cpu, page);
    }

    @Test
    void shouldNotMoveAKsmPageWithUffdThoughOnlyOnePteHasIt() {
        on(merging(), cpu -> {
            long mm = soleMerged(cpu);
            assertEquals(Errno.EBUSY, kernel.movePages().move(cpu, mm, BASE, at(LARGE)));
            assertHolds(cpu, mm, 0, 7);
            exit(cpu, mm);
        });
    }

    @Test
    void shouldNotMoveTheSwapEntryOfAKsmPageThatIsCached() {
        on(merging(), cpu -> {
            long mm = soleMerged(cpu);
            long page = page(cpu, mm, 0);
            Page.get(cpu, page);
            swapOut(cpu, page);
            assertEquals(Errno.EBUSY, kernel.movePages().move(cpu, mm, BASE, at(LARGE)));
            assertTrue(MergedPages.isMerged(cpu, page));
            kernel.pages().putPage(cpu, page);
            assertHolds(cpu, mm, 0, 7);
            exit(cpu, mm);
        });
    }

    @Test
    void shouldNotMoveWithUffdWhatHasFailed() {
        on(merging(), cpu -> {
            long mm = soleMerged(cpu);
            long frame = kernel.pages().frameOf(page(cpu, mm, 1));
            cpu.writeOnce64(kernel.pageTable().alloc(cpu, mm, at(LARGE)), Pte.ofHwpoison(frame));
            assertEquals(Errno.EFAULT, kernel.movePages().move(cpu, mm, at(LARGE), at(LARGE + 1)));
            assertEquals(Faults.SIGBUS, kernel.userAccess().load64(cpu, mm, at(LARGE), 8));
            // As memory_failure of 2.6.36 does not: who maps it is not known by an anon_vma.
            assertEquals(
                    Errno.EBUSY,
                    kernel.memoryFailure().memoryFailure(cpu, kernel.pages().pfnOf(page(cpu, mm, 0))));
            assertHolds(cpu, mm, 0, 7);
            exit(cpu, mm);
        });
    }

    @Test
    void shouldLeaveKsmPagesWhereTheyAreAndMoveTheOthers() {
        on(merging(), cpu -> {
            long mm = equalPages(cpu, LARGE);
            merge(cpu);
            long merged = page(cpu, mm, 0);
            for (int i = 1; i < LARGE; i += 2) {
                store(cpu, mm, i, 100 + i);
            }
            kernel.compaction().compactNode(cpu);
            assertTrue(kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS) > 0);
            assertEquals(merged, page(cpu, mm, 0));
            for (int i = 0; i < LARGE; i++) {
                assertHolds(cpu, mm, i, i % 2 == 0 ? 7 : 100 + i);
            }
            // ksmd finds them at their new places.
            for (int i = 1; i < LARGE; i += 2) {
                store(cpu, mm, i, 7);
            }
            merge(cpu);
            assertEquals(merged, page(cpu, mm, LARGE - 1));
            exit(cpu, mm);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"with-barrier", "pte-lock", "last-unmap-pte-lock", "rmap-counted"})
    void shouldUnshareWhatIsMlockedToBeWrittenAndMlockWhatIsOnlyRead(String mlock) {
        on(merging().withMlock(mlock), cpu -> {
            long mm = equalPages(cpu, 3);
            long other = equalPages(cpu, 1);
            assertEquals(0, kernel.mmap().mprotect(cpu, mm, at(2), PAGE, VmArea.VM_READ));
            assertEquals(0, kernel.mmap().mprotect(cpu, other, BASE, PAGE, VmArea.VM_READ));
            merge(cpu);
            long merged = page(cpu, other, 0);
            assertEquals(merged, page(cpu, mm, 1));
            assertEquals(0, kernel.mlock().mlock(cpu, mm, BASE, 3L * PAGE));
            assertEquals(0, kernel.mlock().mlock(cpu, other, BASE, PAGE));
            assertNotEquals(merged, page(cpu, mm, 0));
            assertEquals(merged, page(cpu, mm, 2));
            assertEquals(merged, page(cpu, other, 0));
            assertTrue(Page.test(cpu, merged, Page.PG_MLOCKED));
            assertEquals(3, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
            // Pages of a locked VMA are not merged.
            merge(cpu);
            assertNotEquals(merged, page(cpu, mm, 0));
            assertEquals(0, kernel.mlock().munlock(cpu, mm, at(2), PAGE));
            assertTrue(Page.test(cpu, merged, Page.PG_MLOCKED), "the other process has it, too");
            assertEquals(0, kernel.mlock().munlock(cpu, other, BASE, PAGE));
            assertFalse(Page.test(cpu, merged, Page.PG_MLOCKED));
            assertEquals(2, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
            assertEquals(0, kernel.mlock().munlock(cpu, mm, BASE, 3L * PAGE));
            merge(cpu);
            assertEquals(merged, page(cpu, mm, 0));
            exit(cpu, mm, other);
        });
    }

    @Test
    void shouldTruncateMergedCopiesOfAFile() {
        on(merging(), cpu -> {
            long file = kernel.files().open(cpu, 17, 4L * PAGE);
            // All of it is a hole, so that its pages are equal.
            assertEquals(0, kernel.truncate().ftruncate(cpu, file, 0));
            assertEquals(0, kernel.truncate().ftruncate(cpu, file, 4L * PAGE));
            long mm = mapped(cpu, file, 4);
            for (int i = 0; i < 4; i++) {
                store(cpu, mm, i, 7);
            }
            merge(cpu);
            assertEquals(page(cpu, mm, 0), page(cpu, mm, 3));
            assertEquals(0, kernel.truncate().ftruncate(cpu, file, PAGE));
            assertEquals(1, MmStruct.ANON_RSS.readOnce(cpu, mm));
            assertEquals(Faults.SIGBUS, kernel.userAccess().load64(cpu, mm, at(1), 7));
            assertHolds(cpu, mm, 0, 7);
            exit(cpu, mm);
            kernel.files().put(cpu, file);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"spf", "per-vma-lock"})
    void shouldCopyAKsmPageAlsoInAFaultWithoutMmapSem(String lookup) {
        on(merging().withVmaLookup(lookup), cpu -> {
            long mm = equalPages(cpu, 3);
            kernel.mms().mmget(cpu, mm);
            merge(cpu);
            long merged = page(cpu, mm, 0);
            store(cpu, mm, 1, 8);
            store(cpu, mm, 2, 9);
            assertEquals(merged, page(cpu, mm, 0));
            // Now the only one.
            store(cpu, mm, 0, 10);
            assertNotEquals(merged, page(cpu, mm, 0));
            assertEquals(3, kernel.vmStat().sum(cpu, VmStatItem.COW_KSM));
            for (int i = 0; i < 3; i++) {
                assertHolds(cpu, mm, i, i == 0 ? 10 : 7 + i);
            }
            kernel.mms().mmput(cpu, mm);
            exit(cpu, mm);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"spf", "mmap-sem"})
    void shouldGetACopyOfACachedPageThatAnotherProcessHas(String lookup) {
        on(merging().withVmaLookup(lookup), cpu -> {
            long one = equalPages(cpu, 1);
            long other = equalPages(cpu, 1);
            kernel.mms().mmget(cpu, other);
            merge(cpu);
            long page = page(cpu, one, 0);
            for (boolean freed = false; !freed; ) {
                assertTrue(kernel.lru().isolate(cpu, page));
                Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
                freed = kernel.vmscan().shrinkPage(cpu, page);
                kernel.lru().drain(cpu);
            }
            assertHolds(cpu, one, 0, 7);
            assertHolds(cpu, other, 0, 7);
            assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.KSM_SWPIN_COPY));
            store(cpu, other, 0, 8);
            assertHolds(cpu, one, 0, 7);
            kernel.mms().mmput(cpu, other);
            exit(cpu, one, other);
        });
    }

    @Test
    void shouldMoveWhatKsmHasOnlyLookedAt() {
        on(merging(), cpu -> {
            long mm = mapped(cpu, Cpu.NULL, 2);
            store(cpu, mm, 0, 1);
            store(cpu, mm, 1, 2);
            merge(cpu);
            long old = page(cpu, mm, 0);
            assertTrue(kernel.migration().isolate(cpu, old));
            long fresh = kernel.pages().allocPages(cpu, Gfp.USER, 0);
            assertEquals(0, kernel.migration().unmapAndMove(cpu, old, fresh, true));
            assertEquals(fresh, page(cpu, mm, 0));
            store(cpu, mm, 1, 1);
            merge(cpu);
            assertEquals(page(cpu, mm, 1), page(cpu, mm, 0));
            exit(cpu, mm);
        });
    }
}
