package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Threads of one mm map, unmap, protect, move, touch and fork: each in a range of its own, whose contents it checks,
 * and all in one common range, where only the oracles hold.
 */
class MmapThreadsTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long COMMON = 0x6000_0000_0000L + (1L << 21) - 8 * PAGE;
    private static final int COMMON_PAGES = 16;
    private static final long OWN = 0x6000_0000_0000L + (1L << 21) + 64 * PAGE;
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;

    private VmaTestKernel test;
    private long mm;
    private long file;
    /** Every other machine reclaims, the others audit: while pages are reclaimed, counters lag behind ptes. */
    private boolean reclaims;

    @ParameterizedTest
    @CsvSource({
        "native, 2, 4, 25, 300, mmap-sem",
        "native, 4, 6, 25, 200, mmap-sem",
        "emu, 2, 2, 150, 25, mmap-sem",
        "emu, 3, 4, 150, 20, mmap-sem",
        "native, 4, 6, 25, 200, per-vma-refcount",
        "emu, 2, 2, 150, 25, per-vma-refcount",
        "emu, 3, 4, 150, 20, per-vma-refcount"
    })
    void shouldStayConsistentWhenThreadsChangeOneMm(
            String kind, int cpus, int threads, int seeds, int steps, String vmaLookup) {
        for (int seed = 0; seed < seeds; seed++) {
            long at = seed;
            reclaims = seed % 2 == 1;
            try (VmaTestKernel booted = VmaTestKernel.boot(kind, cpus, seed, vmaLookup)) {
                test = booted;
                booted.run(
                        (cpu, id) -> setUp(cpu, threads),
                        threads,
                        (cpu, id) -> thread(cpu, id, new SplittableRandom(at * 31 + id), steps),
                        (cpu, id) -> test.kernel.files().put(cpu, file));
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }

    private void setUp(Cpu cpu, int threads) {
        mm = test.kernel.mms().mmAlloc(cpu);
        file = test.kernel.files().open(cpu, 7);
        for (int i = 1; i < threads; i++) {
            test.kernel.mms().mmget(cpu, mm);
        }
    }

    private void thread(Cpu cpu, int id, SplittableRandom random, int steps) {
        Task.MM.set(cpu, Sched.current(cpu), mm);
        long own = OWN + id * 32L * PAGE;
        for (int i = 0; i < steps; i++) {
            switch (random.nextInt(10)) {
                case 0, 1, 2 -> ownRange(cpu, own, random.nextLong() | 1, 1 + random.nextInt(4));
                case 3 -> anywhere(cpu, random.nextLong() | 1, 1 + random.nextInt(4));
                case 4 -> fork(cpu, own, random.nextLong() | 1);
                case 5 -> {
                    if (reclaims) {
                        test.reclaim(cpu);
                    } else {
                        audit(cpu);
                    }
                }
                default -> common(cpu, random);
            }
            Sched.of(test.machine).condResched(cpu);
        }
        Task.MM.set(cpu, Sched.current(cpu), 0);
        test.kernel.mms().mmput(cpu, mm);
    }

    private void write(Cpu cpu, long space, long at, int pages, long stamp) {
        for (int i = 0; i < pages; i++) {
            assertEquals(0, test.kernel.userAccess().store64(cpu, space, at + i * PAGE, stamp + i));
        }
    }

    private void verify(Cpu cpu, long space, long at, int pages, long stamp) {
        for (int i = 0; i < pages; i++) {
            assertEquals(0, test.kernel.userAccess().load64(cpu, space, at + i * PAGE, stamp + i));
        }
    }

    /** Maps, splits by mprotect, moves and unmaps a range that nobody else touches. */
    private void ownRange(Cpu cpu, long own, long stamp, int pages) {
        Mmap calls = test.kernel.mmap();
        assertEquals(own, calls.mmap(cpu, mm, own, pages * PAGE, READ_WRITE, true, 0, 0));
        write(cpu, mm, own, pages, stamp);
        assertEquals(0, calls.mprotect(cpu, mm, own + (pages - 1) * PAGE, PAGE, VmArea.VM_READ));
        assertTrue(test.kernel.userAccess().store64(cpu, mm, own + (pages - 1) * PAGE, 1) < 0);
        verify(cpu, mm, own, pages, stamp);
        assertEquals(0, calls.mprotect(cpu, mm, own, pages * PAGE, READ_WRITE));
        long target = own + 16 * PAGE;
        long moved = calls.mremap(cpu, mm, own, pages * PAGE, (pages + 1) * PAGE, true, target);
        if (moved == target) {
            verify(cpu, mm, target, pages, stamp);
            verify(cpu, mm, target + pages * PAGE, 1, 0);
            assertEquals(0, calls.munmap(cpu, mm, target, (pages + 1) * PAGE));
        } else {
            // The range did not become one VMA again, because fork gave its halves different anon_vmas.
            assertEquals(Errno.EFAULT, moved);
            verify(cpu, mm, own, pages, stamp);
            assertEquals(0, calls.munmap(cpu, mm, own, pages * PAGE));
        }
        assertTrue(test.kernel.userAccess().store64(cpu, mm, own, 1) < 0);
    }

    private void anywhere(Cpu cpu, long stamp, int pages) {
        long at = test.kernel.mmap().mmap(cpu, mm, 0, pages * PAGE, READ_WRITE, false, 0, 0);
        assertTrue(!Errno.isError(at), "mmap returned " + at);
        write(cpu, mm, at, pages, stamp);
        verify(cpu, mm, at, pages, stamp);
        assertEquals(0, test.kernel.mmap().munmap(cpu, mm, at, pages * PAGE));
    }

    /** A child made while other threads write has this thread's pages as they were. */
    private void fork(Cpu cpu, long own, long stamp) {
        assertEquals(own, test.kernel.mmap().mmap(cpu, mm, own, 3 * PAGE, READ_WRITE, true, 0, 0));
        write(cpu, mm, own, 3, stamp);
        long child = test.kernel.mms().dupMm(cpu, mm);
        assertTrue(child != 0, "fork failed");
        if (!reclaims) {
            test.audit(cpu, child, "fork, child");
        }
        write(cpu, mm, own, 2, stamp + 100);
        verify(cpu, child, own, 3, stamp);
        write(cpu, child, own + 2 * PAGE, 1, stamp + 200);
        verify(cpu, mm, own, 2, stamp + 100);
        verify(cpu, mm, own + 2 * PAGE, 1, stamp + 2);
        test.kernel.mms().mmput(cpu, child);
        assertEquals(0, test.kernel.mmap().munmap(cpu, mm, own, 3 * PAGE));
    }

    private void audit(Cpu cpu) {
        MmapLock lock = test.kernel.mms().mmapLock();
        lock.writeLock(cpu, mm);
        // Faults that do without mmap_sem are over as well then.
        for (long vma = MmStruct.MMAP.get(cpu, mm); vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            test.kernel.mms().lookup().startWrite(cpu, vma);
        }
        test.audit(cpu, mm, "at rest");
        lock.writeUnlock(cpu, mm);
    }

    /** Calls that collide with other threads': each may succeed or find that somebody was faster. */
    private void common(Cpu cpu, SplittableRandom random) {
        Mmap calls = test.kernel.mmap();
        long at = COMMON + random.nextInt(COMMON_PAGES) * PAGE;
        long length = (1 + random.nextInt(5)) * PAGE;
        switch (random.nextInt(8)) {
            case 0, 1 -> assertEquals(at, calls.mmap(cpu, mm, at, length, READ_WRITE, true, 0, 0));
            case 2 -> {
                long flags = random.nextBoolean() ? READ_WRITE : READ_WRITE | VmArea.VM_SHARED;
                assertEquals(at, calls.mmap(cpu, mm, at, length, flags, true, file, random.nextInt(4)));
            }
            case 3 -> assertEquals(0, calls.munmap(cpu, mm, at, length));
            case 4 -> calls.mprotect(cpu, mm, at, length, random.nextBoolean() ? READ_WRITE : VmArea.VM_READ);
            case 5 -> calls.madviseDontneed(cpu, mm, at, length);
            default -> {
                for (long page = at; page < at + length; page += PAGE) {
                    test.kernel.userAccess().store64(cpu, mm, page + 8, random.nextLong());
                }
            }
        }
    }
}
