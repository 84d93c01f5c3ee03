package kemu.mm.ksm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.KernelConfig;
import kemu.mm.fault.Faults;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Merging, one step at a time, on native CPUs (model null) and on emulated ones. */
class KsmTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    private VmaTestKernel test;

    private interface Script {
        void run(Cpu cpu);
    }

    private void on(MemoryModel model, Script script) {
        KernelConfig config = KernelConfig.of(64).withKsm(KsmRuleSets.CURRENT);
        try (VmaTestKernel booted = VmaTestKernel.boot(model, 1, 1, config)) {
            test = booted;
            booted.run((cpu, id) -> {
                script.run(cpu);
                test.kernel.ksm().settle(cpu);
                assertCounts(cpu, 0, 0, 0);
            });
        }
    }

    private long mm(Cpu cpu, long... values) {
        long mm = test.kernel.mms().mmAlloc(cpu);
        long length = (long) values.length * PAGE;
        assertEquals(BASE, test.kernel.mmap().mmap(cpu, mm, BASE, length, RW, true, Cpu.NULL, 0));
        assertEquals(0, test.kernel.mmap().madviseMergeable(cpu, mm, BASE, length, true));
        for (int i = 0; i < values.length; i++) {
            store(cpu, mm, i, values[i]);
        }
        test.kernel.lru().drain(cpu);
        return mm;
    }

    private void store(Cpu cpu, long mm, int page, long value) {
        assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE + (long) page * PAGE + 8, value));
    }

    private void assertHolds(Cpu cpu, long mm, int page, long value) {
        assertEquals(0, test.kernel.userAccess().load64(cpu, mm, BASE + (long) page * PAGE + 8, value));
    }

    private long page(Cpu cpu, long mm, int page) {
        long pte = cpu.readOnce64(test.kernel.pageTable().find(cpu, mm, BASE + (long) page * PAGE));
        assertTrue(Pte.present(pte));
        return test.kernel.pages().pageOf(Pte.frame(pte));
    }

    private void assertCounts(Cpu cpu, long shared, long sharing, long unshared) {
        assertEquals(shared, test.kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_SHARED), "shared");
        assertEquals(sharing, test.kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_SHARING), "sharing");
        assertEquals(unshared, test.kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_UNSHARED), "unshared");
    }

    private void rounds(Cpu cpu, int rounds) {
        for (int i = 0; i < rounds; i++) {
            test.kernel.ksm().scan(cpu, Integer.MAX_VALUE);
            test.kernel.lru().drain(cpu);
        }
    }

    private void exit(Cpu cpu, long... mms) {
        for (long mm : mms) {
            test.kernel.mms().mmput(cpu, mm);
        }
        test.kernel.lru().drain(cpu);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"SC", "WEAK"})
    void shouldMergeEqualPagesAndCopyThemAgainOnAWrite(MemoryModel model) {
        on(model, cpu -> {
            long one = mm(cpu, 7, 8, 9);
            long other = mm(cpu, 5, 8, 7);
            rounds(cpu, 1);
            assertCounts(cpu, 0, 0, 0);
            rounds(cpu, 1);
            assertEquals(page(cpu, one, 0), page(cpu, other, 2), "7");
            assertEquals(page(cpu, one, 1), page(cpu, other, 1), "8");
            assertCounts(cpu, 2, 2, 2);
            store(cpu, one, 0, 70);
            assertHolds(cpu, one, 0, 70);
            assertHolds(cpu, other, 2, 7);
            assertFalse(MergedPages.isMerged(cpu, page(cpu, one, 0)));
            rounds(cpu, 2);
            assertCounts(cpu, 2, 1, 3);
            exit(cpu, one, other);
        });
    }

    @Test
    void shouldMergeWithAKsmPageAtOnce() {
        on(null, cpu -> {
            long one = mm(cpu, 7);
            long other = mm(cpu, 7);
            rounds(cpu, 2);
            long third = mm(cpu, 7);
            rounds(cpu, 1);
            assertEquals(page(cpu, one, 0), page(cpu, third, 0));
            assertCounts(cpu, 1, 2, 0);
            exit(cpu, one, other, third);
        });
    }

    @Test
    void shouldGiveCopiesToWhoAsksForThemAlsoWhereHeMayNotWrite() {
        on(null, cpu -> {
            long mm = mm(cpu, 7, 7, 7);
            rounds(cpu, 2);
            assertCounts(cpu, 1, 2, 0);
            assertEquals(0, test.kernel.mmap().mprotect(cpu, mm, BASE + PAGE, PAGE, VmArea.VM_READ));
            assertEquals(0, test.kernel.mmap().mprotect(cpu, mm, BASE + 2 * PAGE, PAGE, 0));
            assertEquals(0, test.kernel.mmap().madviseMergeable(cpu, mm, BASE, 3 * PAGE, false));
            assertNotEquals(page(cpu, mm, 0), page(cpu, mm, 1));
            assertNotEquals(page(cpu, mm, 1), page(cpu, mm, 2));
            assertHolds(cpu, mm, 1, 7);
            assertEquals(Faults.SIGSEGV, test.kernel.userAccess().store64(cpu, mm, BASE + PAGE, 1));
            assertEquals(Faults.SIGSEGV, test.kernel.userAccess().load64(cpu, mm, BASE + 2 * PAGE, 1));
            test.kernel.lru().drain(cpu);
            rounds(cpu, 1);
            assertCounts(cpu, 0, 0, 0);
            exit(cpu, mm);
        });
    }

    @Test
    void shouldCopyBeforePagesMove() {
        on(null, cpu -> {
            long mm = mm(cpu, 7, 7);
            rounds(cpu, 2);
            long target = BASE + 16L * PAGE;
            assertEquals(target, test.kernel.mmap().mremap(cpu, mm, BASE + PAGE, PAGE, PAGE, true, target));
            assertHolds(cpu, mm, 16, 7);
            assertFalse(MergedPages.isMerged(cpu, page(cpu, mm, 16)));
            exit(cpu, mm);
        });
    }

    @Test
    void shouldFindWhereAMergedPageIsMappedAlsoByChildren() {
        on(null, cpu -> {
            long one = mm(cpu, 7);
            long other = mm(cpu, 7);
            rounds(cpu, 2);
            long child = test.kernel.mms().dupMm(cpu, one);
            long page = page(cpu, one, 0);
            Page.get(cpu, page);
            test.kernel.pageLock().lock(cpu, page);
            assertEquals(3, Page.MAPCOUNT.readOnce(cpu, page) + 1);
            // Not the child: its pte is new.
            assertEquals(2, test.kernel.rmapWalk().pageReferenced(cpu, page, true));
            assertTrue(test.kernel.swap().addToSwap(cpu, page));
            assertEquals(RmapWalk.SWAP_SUCCESS, test.kernel.rmapWalk().tryToUnmap(cpu, page));
            test.kernel.pageLock().unlock(cpu, page);
            test.kernel.pages().putPage(cpu, page);
            assertHolds(cpu, child, 0, 7);
            assertEquals(page, page(cpu, child, 0), "from the swap cache, still a KSM page");
            assertHolds(cpu, one, 0, 7);
            exit(cpu, one, child, other);
            test.kernel.swap().dropUnused(cpu);
        });
    }

    @Test
    void shouldComeBackFromSwapAsOrdinaryPagesAndBeMergedAgain() {
        on(null, cpu -> {
            long one = mm(cpu, 7);
            long other = mm(cpu, 7);
            rounds(cpu, 2);
            long page = page(cpu, one, 0);
            for (boolean freed = false; !freed; ) {
                assertTrue(test.kernel.lru().isolate(cpu, page));
                Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
                freed = test.kernel.vmscan().shrinkPage(cpu, page);
                test.kernel.lru().drain(cpu);
            }
            assertHolds(cpu, one, 0, 7);
            assertHolds(cpu, other, 0, 7);
            assertNotEquals(page(cpu, one, 0), page(cpu, other, 0));
            assertEquals(1, test.kernel.vmStat().sum(cpu, VmStatItem.KSM_SWPIN_COPY));
            test.kernel.lru().drain(cpu);
            rounds(cpu, 3);
            assertEquals(page(cpu, one, 0), page(cpu, other, 0));
            assertCounts(cpu, 1, 1, 0);
            exit(cpu, one, other);
            test.kernel.swap().dropUnused(cpu);
        });
    }

    @Test
    void shouldRefuseMadviseWhereNobodyMerges() {
        try (VmaTestKernel booted = VmaTestKernel.boot("native", 1, 1)) {
            booted.run((cpu, id) -> {
                long mm = booted.kernel.mms().mmAlloc(cpu);
                assertEquals(Errno.EINVAL, booted.kernel.mmap().madviseMergeable(cpu, mm, BASE, PAGE, true));
                booted.kernel.mms().mmput(cpu, mm);
            });
        }
    }
}
