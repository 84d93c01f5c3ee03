package kemu.mm.huge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.pgtable.gather.Gathers;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Huge pages in single steps; after each what an address space holds is audited. */
class HugePagesTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int SWAP_PAGES = 2048;

    private interface Body {
        void run(VmaTestKernel test, Kernel kernel, Cpu cpu);
    }

    private static void run(String kind, KernelConfig config, Body body) {
        MemoryModel model = kind.equals("native") ? null : MemoryModel.byName(kind);
        try (VmaTestKernel test = VmaTestKernel.boot(model, 1, 1, 24L << 20, config.withThp(HugePages.ALWAYS))) {
            test.run((cpu, id) -> body.run(test, test.kernel, cpu));
        }
    }

    private static void run(String kind, Body body) {
        run(kind, KernelConfig.of(SWAP_PAGES), body);
    }

    /** An address space with {@code huge} huge pages from BASE on, each of whose small ones has its number in it. */
    private static long filled(Kernel kernel, Cpu cpu, int huge) {
        long mm = kernel.mms().mmAlloc(cpu);
        assertEquals(BASE, kernel.mmap().mmap(cpu, mm, BASE, huge * HugePages.SIZE, RW, true, Cpu.NULL, 0));
        for (int i = 0; i < huge * Page.HUGE_FRAMES; i++) {
            assertEquals(0, kernel.userAccess().store64(cpu, mm, BASE + i * PAGE + 8, i + 1));
        }
        assertEquals(huge, kernel.vmStat().sum(cpu, VmStatItem.THP_FAULT_ALLOC));
        return mm;
    }

    private static void check(Kernel kernel, Cpu cpu, long mm, long at, int from, int to) {
        for (int i = from; i < to; i++) {
            assertEquals(0, kernel.userAccess().load64(cpu, mm, at + (i - from) * PAGE + 8, i + 1), "page " + i);
        }
    }

    private static boolean isHuge(Kernel kernel, Cpu cpu, long mm, long at) {
        return kernel.pageTable().findHuge(cpu, mm, at) != Cpu.NULL;
    }

    private static long splits(Kernel kernel, Cpu cpu) {
        return kernel.vmStat().sum(cpu, VmStatItem.THP_SPLIT_PAGE);
    }

    private static void atRest(Kernel kernel, Cpu cpu, long... mms) {
        kernel.lru().drainAll(cpu);
        assertEquals("", kernel.lru().audit(cpu));
        assertEquals("", kernel.pages().audit().auditFree(cpu));
        for (long mm : mms) {
            assertEquals(null, kernel.mms().auditMm(cpu, mm));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldMapAnAlignedRangeByOnePmdAndTheRestByPtes(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long mm = kernel.mms().mmAlloc(cpu);
            kernel.mmap().mmap(cpu, mm, BASE - PAGE, HugePages.SIZE + 2 * PAGE, RW, true, Cpu.NULL, 0);
            for (long at : new long[] {BASE - PAGE, BASE + 5 * PAGE, BASE + HugePages.SIZE}) {
                assertEquals(0, kernel.userAccess().store64(cpu, mm, at, at));
            }
            assertEquals(514, MmStruct.ANON_RSS.readOnce(cpu, mm));
            assertEquals(514, kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + HugePages.SIZE - 8, 0));
            for (long at : new long[] {BASE - PAGE, BASE + 5 * PAGE, BASE + HugePages.SIZE}) {
                assertEquals(0, kernel.userAccess().load64(cpu, mm, at, at));
            }
            assertTrue(isHuge(kernel, cpu, mm, BASE + PAGE) && !isHuge(kernel, cpu, mm, BASE - PAGE));
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
            assertEquals(0, splits(kernel, cpu));
            atRest(kernel, cpu);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldBeSplitByWhatIsAboutAPart(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long mm = filled(kernel, cpu, 2);
            assertEquals(0, kernel.mmap().munmap(cpu, mm, BASE + 10 * PAGE, 3 * PAGE));
            assertTrue(!isHuge(kernel, cpu, mm, BASE) && isHuge(kernel, cpu, mm, BASE + HugePages.SIZE));
            atRest(kernel, cpu, mm);
            check(kernel, cpu, mm, BASE, 0, 10);
            check(kernel, cpu, mm, BASE + 13 * PAGE, 13, 1024);
            // From the small pages into the other huge one.
            assertEquals(0, kernel.mmap().madviseDontneed(cpu, mm, BASE + 500 * PAGE, 20 * PAGE));
            assertEquals(2, splits(kernel, cpu));
            check(kernel, cpu, mm, BASE + 520 * PAGE, 520, 1024);
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + 510 * PAGE + 8, 0));
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
            assertEquals(2, kernel.vmStat().sum(cpu, VmStatItem.THP_SPLIT_PMD));
            atRest(kernel, cpu);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldGoWholeIfAllOfItGoes(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long mm = filled(kernel, cpu, 2);
            assertEquals(0, kernel.mmap().madviseDontneed(cpu, mm, BASE, HugePages.SIZE));
            assertEquals(0, kernel.mmap().munmap(cpu, mm, BASE + HugePages.SIZE, HugePages.SIZE));
            assertEquals(0, splits(kernel, cpu));
            assertEquals(0, MmStruct.ANON_RSS.readOnce(cpu, mm));
            atRest(kernel, cpu, mm);
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + 8, 0));
            kernel.mms().mmput(cpu, mm);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldBeSharedByForkAndSplitForBothByAWrite(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long parent = filled(kernel, cpu, 1);
            long child = kernel.mms().dupMm(cpu, parent);
            assertTrue(isHuge(kernel, cpu, child, BASE));
            check(kernel, cpu, child, BASE, 0, 512);
            assertEquals(0, splits(kernel, cpu));
            atRest(kernel, cpu, parent, child);
            assertEquals(0, kernel.userAccess().store64(cpu, child, BASE + 7 * PAGE + 8, 99));
            assertEquals(1, splits(kernel, cpu));
            assertEquals(2, kernel.vmStat().sum(cpu, VmStatItem.THP_SPLIT_PMD));
            check(kernel, cpu, parent, BASE, 0, 512);
            assertEquals(0, kernel.userAccess().load64(cpu, child, BASE + 7 * PAGE + 8, 99));
            check(kernel, cpu, child, BASE + 8 * PAGE, 8, 512);
            atRest(kernel, cpu, parent, child);
            kernel.mms().mmput(cpu, parent);
            check(kernel, cpu, child, BASE + 8 * PAGE, 8, 512);
            kernel.mms().mmput(cpu, child);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldBeWrittenAgainWhenTheOtherIsGone(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long parent = filled(kernel, cpu, 1);
            long child = kernel.mms().dupMm(cpu, parent);
            kernel.mms().mmput(cpu, parent);
            assertEquals(0, kernel.userAccess().store64(cpu, child, BASE + 8, 1));
            assertTrue(isHuge(kernel, cpu, child, BASE));
            check(kernel, cpu, child, BASE, 0, 512);
            atRest(kernel, cpu, child);
            kernel.mms().mmput(cpu, child);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldBeSplitWhereRightsChangeOrPagesMove(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long mm = filled(kernel, cpu, 2);
            assertEquals(0, kernel.mmap().mprotect(cpu, mm, BASE + PAGE, 2 * PAGE, VmArea.VM_READ));
            assertTrue(kernel.userAccess().store64(cpu, mm, BASE + PAGE, 1) < 0);
            atRest(kernel, cpu, mm);
            assertEquals(0, kernel.mmap().mprotect(cpu, mm, BASE + PAGE, 2 * PAGE, RW));
            assertEquals(0, kernel.userAccess().store64(cpu, mm, BASE + PAGE, 1));
            long to = BASE + 16 * HugePages.SIZE + 3 * PAGE;
            long from = BASE + HugePages.SIZE;
            assertEquals(to, kernel.mmap().mremap(cpu, mm, from, HugePages.SIZE, HugePages.SIZE, true, to));
            check(kernel, cpu, mm, BASE, 0, 512);
            check(kernel, cpu, mm, to, 512, 1024);
            assertEquals(2, splits(kernel, cpu));
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldGoToSwapSplitAndComeBack(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long mm = filled(kernel, cpu, 2);
            long child = kernel.mms().dupMm(cpu, mm);
            for (int i = 0; i < 60; i++) {
                test.reclaim(cpu);
            }
            assertEquals(Errno.EAGAIN, kernel.mmap().madviseCollapse(cpu, mm, BASE, 2 * HugePages.SIZE));
            assertNotEquals(0, kernel.vmStat().sum(cpu, VmStatItem.PSWPOUT));
            assertNotEquals(0, splits(kernel, cpu));
            atRest(kernel, cpu, mm, child);
            check(kernel, cpu, mm, BASE, 0, 1024);
            check(kernel, cpu, child, BASE, 0, 1024);
            atRest(kernel, cpu, mm, child);
            kernel.mms().mmput(cpu, mm);
            kernel.mms().mmput(cpu, child);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldBeSplitWhereAFrameIsWantedAlone(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long mm = filled(kernel, cpu, 3);
            long pinned = kernel.userAccess().pin(cpu, mm, BASE + 3 * PAGE);
            assertEquals(pinned, page(kernel, cpu, mm, BASE + 3 * PAGE));
            assertEquals(2, Page.COUNT.readOnce(cpu, pinned));
            kernel.pages().putPage(cpu, pinned);
            long second = BASE + HugePages.SIZE;
            assertEquals(0, kernel.mmap().madviseDontneed(cpu, mm, BASE, PAGE));
            assertEquals(0, kernel.movePages().move(cpu, mm, second + 9 * PAGE, BASE));
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + 8, 512 + 9 + 1));
            assertEquals(0, kernel.userAccess().load64(cpu, mm, second + 9 * PAGE + 8, 0));
            long third = BASE + 2 * HugePages.SIZE;
            long pmd = kernel.pageTable().findHuge(cpu, mm, third);
            long pfn = kernel.pages().pfnOf(kernel.pages().pageOf(Pte.frame(cpu.readOnce64(pmd)))) + 5;
            assertEquals(0, kernel.memoryFailure().memoryFailure(cpu, pfn));
            assertTrue(kernel.userAccess().load64(cpu, mm, third + 5 * PAGE, 0) < 0);
            check(kernel, cpu, mm, third + 6 * PAGE, 1030, 1536);
            assertEquals(3, splits(kernel, cpu));
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
            // The frame is lost; here it comes back, so that nothing is missed.
            Page.FLAGS.clearBits(cpu, kernel.pages().pageOfPfn(pfn), Page.PG_HWPOISON);
            kernel.pages().putPage(cpu, kernel.pages().pageOfPfn(pfn));
        });
    }

    private static long page(Kernel kernel, Cpu cpu, long mm, long at) {
        return kernel.pages().pageOf(Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, at))));
    }

    @Test
    void shouldBeSplitByMlockOfEachKind() {
        for (var mlock : Mlockings.BUILT_IN) {
            run("native", KernelConfig.of(SWAP_PAGES).withMlock(mlock.name()), (test, kernel, cpu) -> {
                long mm = filled(kernel, cpu, 1);
                assertEquals(0, kernel.mlock().mlock(cpu, mm, BASE + PAGE, 7 * PAGE));
                assertEquals(7, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK), mlock.name());
                atRest(kernel, cpu, mm);
                assertEquals(0, kernel.mlock().munlock(cpu, mm, BASE + PAGE, 7 * PAGE));
                assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK), mlock.name());
                check(kernel, cpu, mm, BASE, 0, 512);
                kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"root-recheck, list", "root-rwsem, list", "refcount, interval-tree", "own-lock-first, list"})
    void shouldFindEveryPmdWithEachLockAndIndex(String anonVma, String index) {
        KernelConfig config = new KernelConfig(anonVma, SWAP_PAGES).withAnonVmaIndex(index);
        run("weak", config, (test, kernel, cpu) -> {
            long[] mms = new long[4];
            mms[0] = filled(kernel, cpu, 1);
            for (int i = 1; i < mms.length; i++) {
                mms[i] = kernel.mms().dupMm(cpu, mms[i - 1]);
            }
            assertEquals(0, kernel.userAccess().store64(cpu, mms[3], BASE, 1));
            assertEquals(4, kernel.vmStat().sum(cpu, VmStatItem.THP_SPLIT_PMD));
            for (long mm : mms) {
                check(kernel, cpu, mm, BASE, 0, 512);
            }
            atRest(kernel, cpu, mms);
            for (long mm : mms) {
                kernel.mms().mmput(cpu, mm);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldBeCollapsedFromSmallPages(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long mm = filled(kernel, cpu, 2);
            assertEquals(0, kernel.mmap().madviseDontneed(cpu, mm, BASE + 10 * PAGE, 3 * PAGE));
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + 11 * PAGE, 0));
            assertTrue(!isHuge(kernel, cpu, mm, BASE));
            assertEquals(0, kernel.mmap().madviseCollapse(cpu, mm, BASE, 2 * HugePages.SIZE));
            assertTrue(isHuge(kernel, cpu, mm, BASE));
            assertEquals(1024, MmStruct.ANON_RSS.readOnce(cpu, mm));
            assertEquals(1024, kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
            atRest(kernel, cpu, mm);
            check(kernel, cpu, mm, BASE, 0, 10);
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + 11 * PAGE + 8, 0));
            check(kernel, cpu, mm, BASE + 13 * PAGE, 13, 1024);
            assertEquals(0, kernel.userAccess().store64(cpu, mm, BASE + 11 * PAGE + 8, 12));
            assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.THP_COLLAPSE_ALLOC));
            // And split again.
            assertEquals(0, kernel.mmap().munmap(cpu, mm, BASE, PAGE));
            check(kernel, cpu, mm, BASE + PAGE, 1, 10);
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
            atRest(kernel, cpu);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldNotBeCollapsedFromWhatOthersHave(String kind) {
        run(kind, (test, kernel, cpu) -> {
            long mm = filled(kernel, cpu, 1);
            long page = kernel.userAccess().pin(cpu, mm, BASE + 300 * PAGE);
            assertEquals(Errno.EAGAIN, kernel.mmap().madviseCollapse(cpu, mm, BASE, HugePages.SIZE));
            atRest(kernel, cpu, mm);
            kernel.pages().putPage(cpu, page);
            long child = kernel.mms().dupMm(cpu, mm);
            assertEquals(Errno.EAGAIN, kernel.mmap().madviseCollapse(cpu, mm, BASE, HugePages.SIZE));
            assertEquals(Errno.EINVAL, kernel.mmap().madviseCollapse(cpu, child, BASE, HugePages.SIZE));
            kernel.mms().mmput(cpu, child);
            check(kernel, cpu, mm, BASE, 0, 512);
            atRest(kernel, cpu, mm);
            assertEquals(0, kernel.mmap().madviseCollapse(cpu, mm, BASE, HugePages.SIZE));
            assertTrue(isHuge(kernel, cpu, mm, BASE));
            check(kernel, cpu, mm, BASE, 0, 512);
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
        });
    }

    @Test
    void shouldMapSmallPagesIfThereAreNo512InARow() {
        run("native", (test, kernel, cpu) -> {
            long mm = kernel.mms().mmAlloc(cpu);
            kernel.mmap().mmap(cpu, mm, BASE, 12 * HugePages.SIZE, RW, true, Cpu.NULL, 0);
            for (int i = 0; i < 12; i++) {
                assertEquals(0, kernel.userAccess().store64(cpu, mm, BASE + i * HugePages.SIZE, i));
            }
            assertNotEquals(0, kernel.vmStat().sum(cpu, VmStatItem.THP_FAULT_FALLBACK));
            atRest(kernel, cpu, mm);
            kernel.mms().mmput(cpu, mm);
        });
    }

    @Test
    void shouldSayWhatIsAllowed() {
        KernelConfig config = KernelConfig.of(0);
        assertThrows(IllegalArgumentException.class, () -> config.withThp("sometimes"));
        assertThrows(
                IllegalArgumentException.class,
                () -> config.withGather(Gathers.PER_CPU).withThp(HugePages.ALWAYS));
    }
}
