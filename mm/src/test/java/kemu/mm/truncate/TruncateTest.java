package kemu.mm.truncate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.fault.Faults;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Files;
import kemu.mm.file.Inode;
import kemu.mm.file.PageCache;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What system calls that shorten files and punch holes do, one task at a time. */
class TruncateTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long SHARED = 0x6000_0000_0000L;
    private static final long PRIVATE = SHARED + 64 * PAGE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final long KEY = 77;
    private static final int PAGES = 8;
    private static final int PUNCH = Truncate.FALLOC_FL_KEEP_SIZE | Truncate.FALLOC_FL_PUNCH_HOLE;

    private VmaTestKernel test;
    private long mm;
    private long file;

    @BeforeEach
    void boot() {
        test = VmaTestKernel.boot("emu", 1, 1);
    }

    @AfterEach
    void close() {
        test.close();
    }

    /** Runs {@code body} with a file of eight pages mapped shared and privately. */
    private void run(VmaTestKernel.Body body) {
        test.run((cpu, id) -> {
            mm = test.kernel.mms().mmAlloc(cpu);
            file = test.kernel.files().open(cpu, KEY, PAGES * PAGE);
            map(cpu, SHARED, RW | VmArea.VM_SHARED);
            map(cpu, PRIVATE, RW);
            body.run(cpu, id);
            test.audit(cpu, mm, "at the end");
            test.kernel.mms().mmput(cpu, mm);
            test.kernel.files().put(cpu, file);
        });
    }

    private void map(Cpu cpu, long at, long flags) {
        assertEquals(at, test.kernel.mmap().mmap(cpu, mm, at, PAGES * PAGE, flags, true, file, 0));
    }

    private void store(Cpu cpu, long at, long value) {
        assertEquals(0, test.kernel.userAccess().store64(cpu, mm, at, value));
    }

    private void holds(Cpu cpu, long at, long value) {
        int code = test.kernel.userAccess().load64(cpu, mm, at, value);
        assertEquals(0, code, () -> "holds " + test.kernel.userAccess().lastValue(cpu));
    }

    private void busError(Cpu cpu, long at) {
        assertEquals(Faults.SIGBUS, test.kernel.userAccess().load64(cpu, mm, at, 0));
        assertEquals(Faults.SIGBUS, test.kernel.userAccess().store64(cpu, mm, at, 1));
    }

    private void truncate(Cpu cpu, long size) {
        assertEquals(0, test.kernel.truncate().ftruncate(cpu, file, size));
    }

    private void punch(Cpu cpu, long from, long length) {
        assertEquals(0, test.kernel.truncate().fallocate(cpu, file, PUNCH, from, length));
    }

    private static long contents(int page) {
        return PageCache.contentsOf(KEY, page, 0);
    }

    /** Writes back and drops what nobody maps; then reads everything again from disk. */
    private void dropCaches(Cpu cpu) {
        assertEquals(0, test.kernel.mmap().madviseDontneed(cpu, mm, SHARED, PAGES * PAGE));
        for (int i = 0; i < 8; i++) {
            test.reclaim(cpu);
        }
    }

    @Test
    void shouldRaiseSigbusBeyondTheEndAndReadZeroBytesAfterGrowingAgain() {
        run((cpu, id) -> {
            for (int i = 0; i < PAGES; i++) {
                holds(cpu, SHARED + i * PAGE, contents(i));
                store(cpu, SHARED + i * PAGE + 8, 100 + i);
            }
            truncate(cpu, 3 * PAGE);
            holds(cpu, SHARED + 2 * PAGE + 8, 102);
            busError(cpu, SHARED + 3 * PAGE);
            busError(cpu, PRIVATE + 7 * PAGE);
            assertEquals(3, AddressSpace.NRPAGES.readOnce(cpu, file));
            truncate(cpu, PAGES * PAGE);
            for (int i = 3; i < PAGES; i++) {
                holds(cpu, SHARED + i * PAGE, 0);
                holds(cpu, SHARED + i * PAGE + 8, 0);
            }
            holds(cpu, SHARED + 2 * PAGE, contents(2));
        });
    }

    @Test
    void shouldClearTheRestOfTheLastPage() {
        run((cpu, id) -> {
            for (int word = 0; word < 512; word++) {
                store(cpu, SHARED + PAGE + word * 8L, ~0L);
            }
            truncate(cpu, PAGE + 20);
            truncate(cpu, PAGES * PAGE);
            holds(cpu, SHARED + PAGE + 8, ~0L);
            holds(cpu, SHARED + PAGE + 16, 0xffff_ffffL);
            for (int word = 3; word < 512; word++) {
                holds(cpu, SHARED + PAGE + word * 8L, 0);
            }
            // A page that nobody had read.
            truncate(cpu, PAGE + 8);
            dropCaches(cpu);
            truncate(cpu, PAGES * PAGE);
            holds(cpu, SHARED + PAGE, ~0L);
            holds(cpu, SHARED + PAGE + 8, 0);
        });
    }

    @Test
    void shouldThrowPrivateCopiesAwayWhenTruncatedAlsoWhenSwappedOut() {
        run((cpu, id) -> {
            for (int i = 0; i < PAGES; i++) {
                store(cpu, PRIVATE + i * PAGE, 200 + i);
            }
            test.reclaim(cpu);
            test.reclaim(cpu);
            assertNotEquals(0, test.kernel.swap().usedEntries(cpu), "nothing was swapped out");
            truncate(cpu, 0);
            assertEquals(0, test.kernel.swap().usedEntries(cpu));
            test.audit(cpu, mm, "truncated");
            busError(cpu, PRIVATE);
            truncate(cpu, PAGE);
            holds(cpu, PRIVATE, 0);
        });
    }

    @Test
    void shouldKeepPrivateCopiesWhenAHoleIsPunched() {
        run((cpu, id) -> {
            for (int i = 0; i < PAGES; i++) {
                store(cpu, PRIVATE + i * PAGE, 200 + i);
                store(cpu, SHARED + i * PAGE + 8, 100 + i);
            }
            punch(cpu, 2 * PAGE, 3 * PAGE);
            for (int i = 0; i < PAGES; i++) {
                boolean hole = i >= 2 && i < 5;
                holds(cpu, PRIVATE + i * PAGE, 200 + i);
                holds(cpu, SHARED + i * PAGE, hole ? 0 : contents(i));
                holds(cpu, SHARED + i * PAGE + 8, hole ? 0 : 100 + i);
            }
            assertEquals(PAGES * PAGE, Inode.I_SIZE.readOnce(cpu, AddressSpace.HOST.get(cpu, file)));
        });
    }

    @Test
    void shouldPunchPagesThatAreNotCached() {
        run((cpu, id) -> {
            for (int i = 0; i < 4; i++) {
                store(cpu, SHARED + i * PAGE + 8, 100 + i);
            }
            dropCaches(cpu);
            long blocks = test.kernel.pageCache().diskBlocks(cpu);
            assertNotEquals(0, blocks, "nothing was written back");
            // Pages 1 to 6, of which 1 to 3 were written to, and a part of page 0 and of page 7.
            punch(cpu, 8, 7 * PAGE);
            assertEquals(1, test.kernel.pageCache().diskBlocks(cpu), "page 0 has its block still");
            holds(cpu, SHARED, contents(0));
            holds(cpu, SHARED + 8, 0);
            for (int i = 1; i < 7; i++) {
                holds(cpu, SHARED + i * PAGE, 0);
                holds(cpu, SHARED + i * PAGE + 8, 0);
            }
            holds(cpu, SHARED + 7 * PAGE, 0);
            holds(cpu, SHARED + 7 * PAGE + 8, PageCache.contentsOf(KEY, 7, 1));
            // What is written into the hole is kept.
            store(cpu, SHARED + 3 * PAGE, 5);
            dropCaches(cpu);
            holds(cpu, SHARED + 3 * PAGE, 5);
            holds(cpu, SHARED + 4 * PAGE, 0);
        });
    }

    @Test
    void shouldPunchWithinAPageAndToTheEndOfTheFile() {
        run((cpu, id) -> {
            punch(cpu, PAGE, 4);
            holds(cpu, SHARED + PAGE, contents(1) & 0xffff_ffff_0000_0000L);
            holds(cpu, SHARED + PAGE + 8, PageCache.contentsOf(KEY, 1, 1));
            truncate(cpu, 5 * PAGE + 16);
            punch(cpu, 4 * PAGE, 1000 * PAGE);
            holds(cpu, SHARED + 4 * PAGE, 0);
            holds(cpu, SHARED + 5 * PAGE, 0);
            busError(cpu, SHARED + 6 * PAGE);
            assertEquals(0, test.kernel.truncate().fallocate(cpu, file, PUNCH, 100 * PAGE, PAGE));
        });
    }

    @Test
    void shouldWriteBackBeforeReclaimAndFreeTheBlocksOfWhatIsCutOff() {
        run((cpu, id) -> {
            for (int i = 0; i < PAGES; i++) {
                store(cpu, SHARED + i * PAGE + 8, 100 + i);
            }
            dropCaches(cpu);
            assertEquals(0, AddressSpace.NRPAGES.readOnce(cpu, file), "not dropped");
            assertEquals(PAGES, test.kernel.pageCache().diskBlocks(cpu));
            for (int i = 0; i < PAGES; i++) {
                holds(cpu, SHARED + i * PAGE + 8, 100 + i);
            }
            truncate(cpu, PAGE);
            assertEquals(1, test.kernel.pageCache().diskBlocks(cpu));
            store(cpu, SHARED + 8, 1);
            truncate(cpu, 0);
            assertEquals(0, test.kernel.pageCache().diskBlocks(cpu));
            assertEquals(0, test.kernel.vmStat().sum(cpu, VmStatItem.NR_DIRTY));
            assertEquals(0, test.kernel.vmStat().sum(cpu, VmStatItem.NR_MAPPED));
            truncate(cpu, PAGES * PAGE);
            holds(cpu, SHARED, 0);
            holds(cpu, SHARED + 8, 0);
        });
    }

    @Test
    void shouldNotWriteOutWhatUsersStoreBehindTheEnd() {
        run((cpu, id) -> {
            truncate(cpu, PAGE + 8);
            store(cpu, SHARED + PAGE, 3);
            store(cpu, SHARED + PAGE + 64, 4);
            dropCaches(cpu);
            holds(cpu, SHARED + PAGE, 3);
            holds(cpu, SHARED + PAGE + 64, 0);
        });
    }

    @Test
    void shouldFollowMappingsThatWereSplitMovedAndCopied() {
        run((cpu, id) -> {
            for (int i = 0; i < PAGES; i++) {
                store(cpu, PRIVATE + i * PAGE, 200 + i);
            }
            assertEquals(0, test.kernel.mmap().mprotect(cpu, mm, PRIVATE + 3 * PAGE, PAGE, VmArea.VM_READ));
            long target = PRIVATE + 128 * PAGE;
            long moved = test.kernel.mmap().mremap(cpu, mm, PRIVATE + 5 * PAGE, 3 * PAGE, 3 * PAGE, true, target);
            assertEquals(target, moved);
            long child = test.kernel.mms().dupMm(cpu, mm);
            truncate(cpu, 4 * PAGE);
            for (long space : new long[] {mm, child}) {
                assertEquals(0, test.kernel.userAccess().load64(cpu, space, PRIVATE + 3 * PAGE, 203));
                assertEquals(Faults.SIGBUS, test.kernel.userAccess().load64(cpu, space, PRIVATE + 4 * PAGE, 0));
                assertEquals(Faults.SIGBUS, test.kernel.userAccess().load64(cpu, space, target, 0));
            }
            test.audit(cpu, child, "child");
            test.kernel.mms().mmput(cpu, child);
        });
    }

    @Test
    void shouldRefuseWhatMakesNoSense() {
        run((cpu, id) -> {
            Truncate calls = test.kernel.truncate();
            assertEquals(Errno.EINVAL, calls.ftruncate(cpu, file, -1));
            assertEquals(Errno.EFBIG, calls.ftruncate(cpu, file, Long.MAX_VALUE));
            assertEquals(Errno.EINVAL, calls.fallocate(cpu, file, PUNCH, 0, 0));
            assertEquals(Errno.EFBIG, calls.fallocate(cpu, file, 0, Long.MAX_VALUE - 8, 8));
            assertEquals(
                    Errno.EOPNOTSUPP, calls.fallocate(cpu, file, Truncate.FALLOC_FL_PUNCH_HOLE, 0, PAGE), "no size");
            assertEquals(Errno.EOPNOTSUPP, calls.fallocate(cpu, file, 8, 0, PAGE));
            long endless = test.kernel.files().open(cpu, KEY + 1);
            assertEquals(Errno.EINVAL, calls.ftruncate(cpu, endless, 0));
            assertEquals(Errno.EINVAL, calls.fallocate(cpu, endless, PUNCH, 0, PAGE));
            assertEquals(endless, test.kernel.files().open(cpu, KEY + 1, Files.NO_END));
            test.kernel.files().put(cpu, endless);
            test.kernel.files().put(cpu, endless);
            long host = AddressSpace.HOST.get(cpu, file);
            assertEquals(0, calls.fallocate(cpu, file, Truncate.FALLOC_FL_KEEP_SIZE, 0, 100 * PAGE));
            assertEquals(PAGES * PAGE, Inode.I_SIZE.readOnce(cpu, host));
            assertEquals(0, calls.fallocate(cpu, file, 0, PAGE, 100 * PAGE));
            assertEquals(101 * PAGE, Inode.I_SIZE.readOnce(cpu, host));
            assertEquals(0, calls.fallocate(cpu, file, 0, 0, PAGE));
            assertEquals(101 * PAGE, Inode.I_SIZE.readOnce(cpu, host), "it only grows");
        });
    }
}
