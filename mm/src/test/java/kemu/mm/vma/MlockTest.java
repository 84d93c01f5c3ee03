package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.mm.KernelConfig;
import kemu.mm.mlock.MlockingProvider;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** mlock and its kin, one call at a time, with every way to mlock pages and on both machines. */
class MlockTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x5000_0000_0000L;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    private VmaTestKernel test;
    private long mm;

    /** A test on a fresh mm. */
    private interface Script {
        void run(Cpu cpu);
    }

    private void onNewMm(String kind, String mlock, Script script) {
        try (VmaTestKernel booted =
                VmaTestKernel.boot(kind, new KernelConfig("root-recheck", VmaTestKernel.SWAP_PAGES).withMlock(mlock))) {
            test = booted;
            booted.run((cpu, id) -> {
                mm = booted.kernel.mms().mmAlloc(cpu);
                script.run(cpu);
                booted.audit(cpu, mm, "at the end");
                booted.kernel.mms().mmput(cpu, mm);
                booted.kernel.lru().drain(cpu);
                for (VmStatItem item : List.of(VmStatItem.NR_MLOCK, VmStatItem.NR_UNEVICTABLE)) {
                    assertEquals(0, count(cpu, item), item.key());
                }
                assertEquals("", booted.kernel.lru().audit(cpu));
            });
        }
    }

    private long count(Cpu cpu, VmStatItem item) {
        return test.kernel.vmStat().sum(cpu, item);
    }

    private Mlock calls() {
        return test.kernel.mlock();
    }

    private void map(Cpu cpu, long at, long pages, long flags) {
        assertEquals(at, test.kernel.mmap().mmap(cpu, mm, at, pages * PAGE, flags, true, 0, 0));
    }

    private void write(Cpu cpu, long of, long at) {
        assertEquals(0, test.kernel.userAccess().store64(cpu, of, at, 7));
    }

    private long pageAt(Cpu cpu, long of, long at) {
        long pte = cpu.readOnce64(test.kernel.pageTable().find(cpu, of, at));
        assertTrue(Pte.present(pte), "page at 0x" + Long.toHexString(at));
        return test.kernel.pages().pageOf(Pte.frame(pte));
    }

    private boolean mlocked(Cpu cpu, long of, long at) {
        return Page.test(cpu, pageAt(cpu, of, at), Page.PG_MLOCKED);
    }

    static Stream<Arguments> all() {
        return Stream.of("native", "emu")
                .flatMap(kind -> Mlockings.BUILT_IN.stream()
                        .map(MlockingProvider::name)
                        .map(mlock -> Arguments.of(kind, mlock)));
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldFaultInAndKeepPagesUntilMunlocked(String kind, String mlock) {
        onNewMm(kind, mlock, cpu -> {
            map(cpu, BASE, 6, RW);
            write(cpu, mm, BASE + PAGE);
            assertEquals(0, calls().mlock(cpu, mm, BASE + PAGE + 8, 3 * PAGE - 8));
            assertEquals(3, MmStruct.LOCKED_VM.get(cpu, mm));
            assertEquals(3, MmStruct.MAP_COUNT.get(cpu, mm), "split at both ends");
            test.kernel.lru().drain(cpu);
            assertEquals(3, count(cpu, VmStatItem.NR_MLOCK));
            assertEquals(3, count(cpu, VmStatItem.NR_UNEVICTABLE));
            assertEquals(3, count(cpu, VmStatItem.UNEVICTABLE_PGMLOCKED));
            for (int i = 1; i < 4; i++) {
                assertTrue(mlocked(cpu, mm, BASE + i * PAGE), "page " + i);
            }
            assertEquals(0, calls().munlock(cpu, mm, BASE + 2 * PAGE, PAGE));
            assertEquals(2, MmStruct.LOCKED_VM.get(cpu, mm));
            test.kernel.lru().drain(cpu);
            assertFalse(mlocked(cpu, mm, BASE + 2 * PAGE));
            assertEquals(2, count(cpu, VmStatItem.NR_UNEVICTABLE));
            assertEquals(1, count(cpu, VmStatItem.UNEVICTABLE_PGMUNLOCKED));
            assertEquals(0, calls().munlock(cpu, mm, BASE, 6 * PAGE));
            assertEquals(1, MmStruct.MAP_COUNT.get(cpu, mm), "merged again");
            test.kernel.lru().drain(cpu);
            assertEquals(0, count(cpu, VmStatItem.NR_UNEVICTABLE));
            assertEquals("", test.kernel.lru().audit(cpu));
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldMunlockWhatIsUnmappedAndAtExit(String kind, String mlock) {
        onNewMm(kind, mlock, cpu -> {
            map(cpu, BASE, 4, RW | VmArea.VM_LOCKED);
            test.kernel.lru().drain(cpu);
            assertEquals(4, count(cpu, VmStatItem.NR_MLOCK));
            assertEquals(4, count(cpu, VmStatItem.NR_UNEVICTABLE));
            assertEquals(Errno.EINVAL, test.kernel.mmap().madviseDontneed(cpu, mm, BASE, PAGE));
            assertEquals(0, test.kernel.mmap().munmap(cpu, mm, BASE + PAGE, 2 * PAGE));
            assertEquals(2, MmStruct.LOCKED_VM.get(cpu, mm));
            assertEquals(2, count(cpu, VmStatItem.NR_MLOCK));
            assertEquals(0, count(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED));
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldKeepPageThatAnotherVmaLocks(String kind, String mlock) {
        onNewMm(kind, mlock, cpu -> {
            map(cpu, BASE, 1, RW);
            write(cpu, mm, BASE);
            long child = test.kernel.mms().dupMm(cpu, mm);
            // Both map one page, which neither may write to: locked for reading, no copy is made.
            assertEquals(0, test.kernel.mmap().mprotect(cpu, mm, BASE, PAGE, VmArea.VM_READ));
            assertEquals(0, test.kernel.mmap().mprotect(cpu, child, BASE, PAGE, VmArea.VM_READ));
            assertEquals(0, calls().mlock(cpu, mm, BASE, PAGE));
            assertEquals(0, calls().mlock(cpu, child, BASE, PAGE));
            assertEquals(pageAt(cpu, mm, BASE), pageAt(cpu, child, BASE));
            assertEquals(1, count(cpu, VmStatItem.NR_MLOCK));
            assertEquals(0, calls().munlock(cpu, mm, BASE, PAGE));
            test.kernel.lru().drain(cpu);
            assertTrue(mlocked(cpu, child, BASE));
            assertEquals(1, count(cpu, VmStatItem.NR_UNEVICTABLE));
            test.kernel.mms().mmput(cpu, child);
            test.kernel.lru().drain(cpu);
            assertFalse(mlocked(cpu, mm, BASE));
            assertEquals(0, count(cpu, VmStatItem.NR_UNEVICTABLE));
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldCopyForLockedProcessAndLetGoOfOldPage(String kind, String mlock) {
        onNewMm(kind, mlock, cpu -> {
            map(cpu, BASE, 1, RW);
            write(cpu, mm, BASE);
            assertEquals(0, calls().mlock(cpu, mm, BASE, PAGE));
            long child = test.kernel.mms().dupMm(cpu, mm);
            assertEquals(0, VmArea.VM_FLAGS.get(cpu, test.kernel.mms().findVma(cpu, child, BASE)) & VmArea.VM_LOCKED);
            assertEquals(0, MmStruct.LOCKED_VM.get(cpu, child));
            long old = pageAt(cpu, mm, BASE);
            write(cpu, mm, BASE);
            assertTrue(mlocked(cpu, mm, BASE));
            assertTrue(old != pageAt(cpu, mm, BASE));
            test.kernel.mms().mmput(cpu, child);
            test.kernel.lru().drain(cpu);
            assertEquals(1, count(cpu, VmStatItem.NR_UNEVICTABLE));
            assertEquals(1, count(cpu, VmStatItem.NR_MLOCK));
        });
    }

    @ParameterizedTest
    @MethodSource("all")
    void shouldMlockInReclaimWhatMlockHasMissed(String kind, String mlock) {
        onNewMm(kind, mlock, cpu -> {
            map(cpu, BASE, 2, RW);
            write(cpu, mm, BASE);
            write(cpu, mm, BASE + PAGE);
            test.kernel.lru().drain(cpu);
            // As after munlock of another VMA whose walk found our mmap_sem taken.
            long vma = test.kernel.mms().findVma(cpu, mm, BASE);
            VmArea.VM_FLAGS.set(cpu, vma, RW | VmArea.VM_LOCKED);
            MmStruct.LOCKED_VM.set(cpu, mm, 2);
            // Rounds of aging; ends when both are found, at the latest when the rounds are over.
            for (int i = 0; i < 50 && count(cpu, VmStatItem.NR_MLOCK) < 2; i++) {
                test.reclaim(cpu);
            }
            test.kernel.lru().drain(cpu);
            assertEquals(2, count(cpu, VmStatItem.NR_MLOCK));
            assertEquals(2, count(cpu, VmStatItem.NR_UNEVICTABLE));
            assertTrue(mlocked(cpu, mm, BASE));
        });
    }

    @Test
    void shouldLockWhatWillBeMapped() {
        onNewMm("emu", Mlockings.DEFAULT, cpu -> {
            map(cpu, BASE, 1, RW);
            MmStruct.START_BRK.set(cpu, mm, BASE + 64 * PAGE);
            MmStruct.BRK.set(cpu, mm, BASE + 64 * PAGE);
            assertEquals(Errno.EINVAL, calls().mlockall(cpu, mm, 0));
            assertEquals(Errno.EINVAL, calls().mlockall(cpu, mm, 8));
            assertEquals(0, calls().mlockall(cpu, mm, Mlock.MCL_FUTURE));
            assertEquals(0, MmStruct.LOCKED_VM.get(cpu, mm));
            map(cpu, BASE + 2 * PAGE, 2, RW);
            assertEquals(2, MmStruct.LOCKED_VM.get(cpu, mm));
            assertTrue(mlocked(cpu, mm, BASE + 3 * PAGE));
            test.kernel.mmap().brk(cpu, mm, BASE + 65 * PAGE);
            assertTrue(mlocked(cpu, mm, BASE + 64 * PAGE));
            assertEquals(BASE + 64 * PAGE, test.kernel.mmap().brk(cpu, mm, BASE + 64 * PAGE));
            assertEquals(2, count(cpu, VmStatItem.NR_MLOCK));
            assertEquals(0, calls().mlockall(cpu, mm, Mlock.MCL_CURRENT));
            assertEquals(3, MmStruct.LOCKED_VM.get(cpu, mm));
            map(cpu, BASE + 8 * PAGE, 1, RW);
            assertEquals(3, MmStruct.LOCKED_VM.get(cpu, mm), "future is over");
            assertEquals(0, calls().munlockall(cpu, mm));
            assertEquals(0, MmStruct.LOCKED_VM.get(cpu, mm));
            assertEquals(0, count(cpu, VmStatItem.NR_MLOCK));
        });
    }

    @Test
    void shouldMoveAndGrowLockedMappings() {
        onNewMm("emu", Mlockings.DEFAULT, cpu -> {
            map(cpu, BASE, 2, RW | VmArea.VM_LOCKED);
            assertEquals(BASE, test.kernel.mmap().mremap(cpu, mm, BASE, 2 * PAGE, 3 * PAGE, false, 0));
            assertEquals(3, MmStruct.LOCKED_VM.get(cpu, mm));
            assertTrue(mlocked(cpu, mm, BASE + 2 * PAGE));
            long there = BASE + 100 * PAGE;
            assertEquals(there, test.kernel.mmap().mremap(cpu, mm, BASE, 3 * PAGE, 4 * PAGE, true, there));
            assertEquals(4, MmStruct.LOCKED_VM.get(cpu, mm));
            assertEquals(4, count(cpu, VmStatItem.NR_MLOCK));
            assertTrue(mlocked(cpu, mm, there + 3 * PAGE));
            assertEquals(there, test.kernel.mmap().mremap(cpu, mm, there, 4 * PAGE, PAGE, true, 0));
            assertEquals(1, MmStruct.LOCKED_VM.get(cpu, mm));
            assertEquals(1, count(cpu, VmStatItem.NR_MLOCK));
        });
    }

    @Test
    void shouldLockNoMoreThanTheLimit() {
        onNewMm("emu", Mlockings.DEFAULT, cpu -> {
            map(cpu, BASE, 8, RW);
            calls().limit(cpu, mm, 3 * PAGE + 100);
            assertEquals(Errno.ENOMEM, calls().mlock(cpu, mm, BASE, 4 * PAGE));
            assertEquals(0, calls().mlock(cpu, mm, BASE, 2 * PAGE));
            assertEquals(Errno.ENOMEM, calls().mlock(cpu, mm, BASE + 2 * PAGE, 2 * PAGE));
            assertEquals(Errno.ENOMEM, calls().mlockall(cpu, mm, Mlock.MCL_CURRENT));
            assertEquals(0, calls().mlockall(cpu, mm, Mlock.MCL_FUTURE));
            assertEquals(Errno.EAGAIN, test.kernel.mmap().mmap(cpu, mm, BASE + 16 * PAGE, 2 * PAGE, RW, true, 0, 0));
            assertEquals(Errno.EAGAIN, test.kernel.mmap().mremap(cpu, mm, BASE, 2 * PAGE, 9 * PAGE, true, 0));
            long child = test.kernel.mms().dupMm(cpu, mm);
            assertEquals(0, MmStruct.DEF_FLAGS.get(cpu, child));
            assertEquals(Errno.ENOMEM, calls().mlock(cpu, child, BASE, 4 * PAGE), "limits are inherited");
            test.kernel.mms().mmput(cpu, child);
            calls().munlockall(cpu, mm);
            calls().limit(cpu, mm, 0);
            assertEquals(Errno.EPERM, calls().mlock(cpu, mm, BASE, PAGE));
            assertEquals(Errno.EPERM, calls().mlockall(cpu, mm, Mlock.MCL_CURRENT));
            assertEquals(
                    Errno.EPERM,
                    test.kernel.mmap().mmap(cpu, mm, BASE + 16 * PAGE, PAGE, RW | VmArea.VM_LOCKED, true, 0, 0));
        });
    }

    @Test
    void shouldRefuseHolesAndMemoryWithoutRights() {
        onNewMm("emu", Mlockings.DEFAULT, cpu -> {
            map(cpu, BASE, 2, RW);
            map(cpu, BASE + 3 * PAGE, 1, 0);
            assertEquals(Errno.ENOMEM, calls().mlock(cpu, mm, BASE, 3 * PAGE));
            assertEquals(2, MmStruct.LOCKED_VM.get(cpu, mm), "what came before the hole is locked");
            assertEquals(Errno.ENOMEM, calls().munlock(cpu, mm, BASE + 2 * PAGE, PAGE));
            assertEquals(Errno.ENOMEM, calls().mlock(cpu, mm, BASE + 3 * PAGE, PAGE), "nobody may access it");
            assertEquals(0, calls().mlock(cpu, mm, BASE, 0));
        });
    }

    @Test
    void shouldRescuePagesOfLockedFileMapping() {
        onNewMm("emu", Mlockings.DEFAULT, cpu -> {
            long file = test.kernel.files().open(cpu, 4711);
            assertEquals(BASE, test.kernel.mmap().mmap(cpu, mm, BASE, 2 * PAGE, VmArea.VM_READ, true, file, 0));
            test.kernel.files().put(cpu, file);
            assertEquals(0, calls().mlock(cpu, mm, BASE, 2 * PAGE));
            test.kernel.lru().drain(cpu);
            assertEquals(2, test.kernel.lru().size(cpu, Lru.UNEVICTABLE));
            assertEquals(0, calls().munlock(cpu, mm, BASE, 2 * PAGE));
            test.kernel.lru().drain(cpu);
            assertEquals(2, count(cpu, VmStatItem.UNEVICTABLE_PGRESCUED));
            assertEquals(2, test.kernel.lru().size(cpu, Lru.INACTIVE_FILE));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"pagevec", "rmap-counted"})
    void shouldCountPagesThatComeToTheUnevictableListAndLeaveIt(String way) {
        onNewMm("emu", way, cpu -> {
            long file = test.kernel.files().open(cpu, 4711);
            assertEquals(BASE, test.kernel.mmap().mmap(cpu, mm, BASE, 2 * PAGE, VmArea.VM_READ, true, file, 0));
            test.kernel.files().put(cpu, file);
            assertEquals(0, calls().mlock(cpu, mm, BASE, 2 * PAGE));
            test.kernel.lru().drain(cpu);
            assertEquals(2, count(cpu, VmStatItem.UNEVICTABLE_PGCULLED));
            assertEquals(0, calls().munlock(cpu, mm, BASE, 2 * PAGE));
            test.kernel.lru().drain(cpu);
            assertEquals(2, count(cpu, VmStatItem.UNEVICTABLE_PGRESCUED));
            assertEquals(2, count(cpu, VmStatItem.UNEVICTABLE_PGMUNLOCKED));
        });
    }

    private long mlockedPage(Cpu cpu) {
        long page = test.kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
        Page.FLAGS.setBits(cpu, page, Page.PG_MLOCKED);
        test.kernel.vmStat().inc(cpu, VmStatItem.NR_MLOCK);
        return page;
    }

    @Test
    void shouldSayWhatIsFreedMlocked() {
        onNewMm("emu", Mlockings.DEFAULT, cpu -> {
            test.kernel.pages().putPage(cpu, mlockedPage(cpu));
            assertEquals(1, count(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED));
        });
        onNewMm("emu", "rmap-counted", cpu -> {
            test.kernel.pages().putPage(cpu, mlockedPage(cpu));
            assertEquals(1, count(cpu, VmStatItem.UNEVICTABLE_PGCLEARED));
        });
        onNewMm("emu", "last-unmap", cpu -> {
            long page = mlockedPage(cpu);
            KernelBug bug =
                    assertThrows(KernelBug.class, () -> test.kernel.pages().putPage(cpu, page));
            assertEquals(FailureKind.BAD_PAGE_STATE, bug.kind());
            Page.FLAGS.clearBits(cpu, page, Page.PG_MLOCKED);
            test.kernel.pages().freePages(cpu, page, 0);
            test.kernel.vmStat().add(cpu, VmStatItem.NR_MLOCK, -1);
        });
    }

    @Test
    void shouldHoldPagesOfAFileThatShmLockHolds() {
        onNewMm("emu", Mlockings.DEFAULT, cpu -> {
            long file = test.kernel.files().open(cpu, 4712);
            long page = test.kernel.pageCache().findOrRead(cpu, file, 0);
            test.kernel.lru().drain(cpu);
            test.kernel.shmLock().lock(cpu, file);
            assertFalse(test.kernel.lru().isEvictable(cpu, page));
            assertTrue(test.kernel.lru().isolate(cpu, page));
            test.kernel.lru().putback(cpu, page);
            assertEquals(1, test.kernel.lru().size(cpu, Lru.UNEVICTABLE));
            test.kernel.shmLock().unlock(cpu, file);
            assertEquals(0, test.kernel.lru().size(cpu, Lru.UNEVICTABLE));
            assertEquals(1, count(cpu, VmStatItem.UNEVICTABLE_PGSCANNED));
            assertEquals(1, count(cpu, VmStatItem.UNEVICTABLE_PGRESCUED));
            test.kernel.pages().putPage(cpu, page);
            test.kernel.files().put(cpu, file);
        });
    }
}
