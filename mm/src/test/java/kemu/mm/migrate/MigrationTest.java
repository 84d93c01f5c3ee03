package kemu.mm.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int SWAP_PAGES = 64;

    private interface Body {
        void run(VmaTestKernel kernel, Cpu cpu);
    }

    private static void run(String kind, KernelConfig config, Body body) {
        MemoryModel model = kind.equals("native") ? null : MemoryModel.byName(kind);
        try (VmaTestKernel kernel = VmaTestKernel.boot(model, 1, 1, config)) {
            kernel.run((cpu, id) -> body.run(kernel, cpu));
        }
    }

    private static void run(String kind, Body body) {
        run(kind, KernelConfig.of(SWAP_PAGES), body);
    }

    private static long newMm(Kernel kernel, Cpu cpu, long flags, long file) {
        long mm = kernel.mms().mmAlloc(cpu);
        assertEquals(BASE, kernel.mmap().mmap(cpu, mm, BASE, PAGE, RW | flags, true, file, 0));
        return mm;
    }

    private static long pte(Kernel kernel, Cpu cpu, long mm) {
        return cpu.readOnce64(kernel.pageTable().find(cpu, mm, BASE));
    }

    private static long pageOf(Kernel kernel, Cpu cpu, long mm) {
        return kernel.pages().pageOf(Pte.frame(pte(kernel, cpu, mm)));
    }

    /** Moves the page of {@code mm}; what unmapAndMove returns. */
    private static int move(Kernel kernel, Cpu cpu, long mm) {
        long page = pageOf(kernel, cpu, mm);
        kernel.lru().drain(cpu);
        assertTrue(kernel.migration().isolate(cpu, page));
        int result = kernel.migration().unmapAndMove(cpu, page, kernel.pages().allocPages(cpu, Gfp.USER, 0), true);
        if (result != 0) {
            kernel.migration().putback(cpu, page);
        }
        kernel.lru().drain(cpu);
        assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_ISOLATED_ANON));
        assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_ISOLATED_FILE));
        return result;
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldMoveAPageThatParentAndChildShareAndCopyItStill(String kind) {
        run(kind, (lab, cpu) -> {
            Kernel kernel = lab.kernel;
            long parent = newMm(kernel, cpu, 0, Cpu.NULL);
            kernel.userAccess().store64(cpu, parent, BASE + 8, 5);
            long child = kernel.mms().dupMm(cpu, parent);
            long old = pageOf(kernel, cpu, parent);
            assertEquals(0, move(kernel, cpu, parent));
            long moved = pageOf(kernel, cpu, parent);
            assertNotEquals(old, moved);
            assertEquals(moved, pageOf(kernel, cpu, child));
            lab.audit(cpu, parent, "move");
            lab.audit(cpu, child, "move");
            kernel.userAccess().store64(cpu, child, BASE + 8, 6);
            assertEquals(0, kernel.userAccess().load64(cpu, parent, BASE + 8, 5));
            assertEquals(0, kernel.userAccess().load64(cpu, child, BASE + 8, 6));
            kernel.mms().mmput(cpu, child);
            kernel.mms().mmput(cpu, parent);
            assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldKeepTheRightToWriteAndForgetThatThePteWasDirty(String kind) {
        run(kind, (lab, cpu) -> {
            Kernel kernel = lab.kernel;
            long mm = newMm(kernel, cpu, 0, Cpu.NULL);
            kernel.userAccess().store64(cpu, mm, BASE, 5);
            assertEquals(0, move(kernel, cpu, mm));
            assertEquals(Pte.RW, pte(kernel, cpu, mm) & (Pte.RW | Pte.DIRTY | Pte.ACCESSED));
            assertTrue(Page.test(cpu, pageOf(kernel, cpu, mm), Page.PG_DIRTY), "the page knows instead");
            kernel.mms().mmput(cpu, mm);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldPutThePtesBackIfSomebodyElseRefersToThePage(String kind) {
        run(kind, (lab, cpu) -> {
            Kernel kernel = lab.kernel;
            long mm = newMm(kernel, cpu, 0, Cpu.NULL);
            kernel.userAccess().store64(cpu, mm, BASE, 5);
            long page = pageOf(kernel, cpu, mm);
            Page.get(cpu, page);
            assertEquals(Errno.EAGAIN, move(kernel, cpu, mm));
            assertEquals(page, pageOf(kernel, cpu, mm));
            lab.audit(cpu, mm, "a move that failed");
            kernel.pages().putPage(cpu, page);
            assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_FAIL));
            assertEquals(0, move(kernel, cpu, mm));
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE, 5));
            kernel.mms().mmput(cpu, mm);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldMoveAPageOfTheSwapCacheWithItsEntry(String kind) {
        run(kind, (lab, cpu) -> {
            Kernel kernel = lab.kernel;
            long mm = newMm(kernel, cpu, 0, Cpu.NULL);
            kernel.userAccess().store64(cpu, mm, BASE, 5);
            long old = pageOf(kernel, cpu, mm);
            kernel.pageLock().lock(cpu, old);
            assertTrue(kernel.swap().addToSwap(cpu, old));
            kernel.pageLock().unlock(cpu, old);
            assertEquals(0, move(kernel, cpu, mm));
            // Its pte holds the swap entry until it is touched, which finds the page at its new place.
            assertTrue(Pte.isSwap(pte(kernel, cpu, mm)));
            lab.audit(cpu, mm, "move");
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE, 5));
            assertNotEquals(old, pageOf(kernel, cpu, mm));
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.PSWPIN));
            kernel.mms().mmput(cpu, mm);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldMoveADirtyPageOfAFileInItsCache(String kind) {
        run(kind, (lab, cpu) -> {
            Kernel kernel = lab.kernel;
            long file = kernel.files().open(cpu, 17);
            long mm = newMm(kernel, cpu, VmArea.VM_SHARED, file);
            kernel.userAccess().store64(cpu, mm, BASE + 8, 5);
            long dirty = kernel.vmStat().sum(cpu, VmStatItem.NR_DIRTY);
            long old = pageOf(kernel, cpu, mm);
            assertEquals(0, move(kernel, cpu, mm));
            long found = kernel.pageCache().find(cpu, file, 0);
            assertNotEquals(old, found);
            assertEquals(pageOf(kernel, cpu, mm), found);
            kernel.pages().putPage(cpu, found);
            assertTrue(Page.test(cpu, found, Page.PG_DIRTY));
            assertEquals(dirty, kernel.vmStat().sum(cpu, VmStatItem.NR_DIRTY));
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + 8, 5));
            lab.audit(cpu, mm, "move");
            kernel.mms().mmput(cpu, mm);
            kernel.files().put(cpu, file);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldLeaveAPageOfAFileThatWasTruncatedThoughAPteHasIt(String kind) {
        run(kind, (lab, cpu) -> {
            Kernel kernel = lab.kernel;
            long file = kernel.files().open(cpu, 17);
            long mm = newMm(kernel, cpu, VmArea.VM_SHARED, file);
            kernel.userAccess().store64(cpu, mm, BASE + 8, 5);
            long page = pageOf(kernel, cpu, mm);
            long before = pte(kernel, cpu, mm);
            // As a fault leaves it that was late for the first pass of truncation.
            Page.MAPPING.writeOnce(cpu, page, 0);
            assertEquals(Errno.EAGAIN, move(kernel, cpu, mm));
            assertEquals(before, pte(kernel, cpu, mm));
            assertEquals(
                    Errno.EBUSY,
                    kernel.memoryFailure().memoryFailure(cpu, kernel.pages().pfnOf(page)));
            Page.MAPPING.writeOnce(cpu, page, file);
            kernel.mms().mmput(cpu, mm);
            kernel.files().put(cpu, file);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"with-barrier", "pte-lock", "last-unmap", "last-unmap-pte-lock", "rmap-counted"})
    void shouldKeepAPageMlockedUnlessTheLastUnmappingForgetsIt(String mlock) {
        run("native", KernelConfig.of(SWAP_PAGES).withMlock(mlock), (lab, cpu) -> {
            Kernel kernel = lab.kernel;
            long mm = newMm(kernel, cpu, VmArea.VM_LOCKED, Cpu.NULL);
            kernel.userAccess().store64(cpu, mm, BASE, 5);
            long locked = kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK);
            assertEquals(1, locked);
            assertEquals(0, move(kernel, cpu, mm));
            boolean mlocked = Page.test(cpu, pageOf(kernel, cpu, mm), Page.PG_MLOCKED);
            // 3.7 to 4.3.
            assertEquals(!mlock.equals("last-unmap"), mlocked);
            assertEquals(mlocked ? 1 : 0, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
            assertEquals(mlocked, Page.test(cpu, pageOf(kernel, cpu, mm), Page.PG_UNEVICTABLE));
            kernel.mms().mmput(cpu, mm);
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
        });
    }

    private static Stream<String> mlocks() {
        return Mlockings.BUILT_IN.stream().map(MlockingProvider::name);
    }

    /** Private memory, then a file's. */
    @ParameterizedTest
    @MethodSource("mlocks")
    void shouldNotCountAPageAsMlockedWhoseMemoryHasFailed(String mlock) {
        run("native", KernelConfig.of(SWAP_PAGES).withMlock(mlock), (lab, cpu) -> {
            Kernel kernel = lab.kernel;
            for (int of = 0; of < 2; of++) {
                long file = of == 0 ? Cpu.NULL : kernel.files().open(cpu, 17);
                long mm = newMm(kernel, cpu, VmArea.VM_LOCKED | (of == 0 ? 0 : VmArea.VM_SHARED), file);
                kernel.userAccess().store64(cpu, mm, BASE, 5);
                long page = pageOf(kernel, cpu, mm);
                assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
                long cleared = kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGCLEARED)
                        + kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGMUNLOCKED);
                MemoryFailure failure = kernel.memoryFailure();
                assertEquals(0, failure.memoryFailure(cpu, kernel.pages().pfnOf(page)));
                assertFalse(Page.test(cpu, page, Page.PG_MLOCKED));
                assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
                long after = kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGCLEARED)
                        + kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGMUNLOCKED);
                assertEquals(cleared + 1, after);
                lab.audit(cpu, mm, "failure");
                kernel.mms().mmput(cpu, mm);
                if (file != Cpu.NULL) {
                    kernel.files().put(cpu, file);
                }
                // The frame is lost; here it comes back, so that nothing is missed.
                Page.FLAGS.clearBits(cpu, page, Page.PG_HWPOISON);
                kernel.pages().putPage(cpu, page);
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldNotIsolateWhatIsOnNoList(String kind) {
        run(kind, (lab, cpu) -> {
            long page = lab.kernel.pages().allocPages(cpu, Gfp.USER, 0);
            assertFalse(lab.kernel.migration().isolate(cpu, page));
            lab.kernel.pages().putPage(cpu, page);
        });
    }
}
