package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.types.VmArea;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A thread stores to one page all the time, while another takes the right to do so away. Once the call has returned, no
 * store through the old pte may land: not in a frame that was freed, not in what a child inherited, not in what became
 * read-only. Fails if a call forgets its flush.
 */
class StaleAccessTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long TARGET = 0x6000_0000_0000L;
    private static final long FRESH = 0x6100_0000_0000L;
    private static final int FRESH_PAGES = 5;
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;

    private VmaTestKernel test;
    private long mm;
    private volatile boolean stop;

    /** One round of the thread that changes the address space. */
    private interface Round {
        void run(Cpu cpu, long round);
    }

    private void race(String kind, int seeds, int rounds, Round round) {
        for (int seed = 0; seed < seeds; seed++) {
            stop = false;
            try (VmaTestKernel booted = VmaTestKernel.boot(kind, 2, seed)) {
                test = booted;
                booted.run(this::setUp, 2, (cpu, id) -> thread(cpu, id, rounds, round), (cpu, id) -> {});
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }

    private void setUp(Cpu cpu, int id) {
        mm = test.kernel.mms().mmAlloc(cpu);
        test.kernel.mms().mmget(cpu, mm);
        assertEquals(TARGET, test.kernel.mmap().mmap(cpu, mm, TARGET, PAGE, READ_WRITE, true, 0, 0));
    }

    private void thread(Cpu cpu, int id, int rounds, Round round) {
        Task.MM.set(cpu, Sched.current(cpu), mm);
        if (id == 0) {
            for (long i = 1; i <= rounds; i++) {
                round.run(cpu, i);
                Sched.of(test.machine).condResched(cpu);
            }
            stop = true;
        } else {
            for (long i = 1; !stop; i++) {
                test.kernel.userAccess().store64(cpu, mm, TARGET, -i);
                Sched.of(test.machine).condResched(cpu);
            }
        }
        Task.MM.set(cpu, Sched.current(cpu), 0);
        test.kernel.mms().mmput(cpu, mm);
    }

    /** What the page at TARGET of {@code space} holds. */
    private long value(Cpu cpu, long space) {
        int status = test.kernel.userAccess().load64(cpu, space, TARGET, Long.MIN_VALUE);
        assertTrue(status >= 0, () -> "load: " + status);
        return test.kernel.userAccess().lastValue(cpu);
    }

    /** The value must not change while this CPU does nothing but look. */
    private void assertStable(Cpu cpu, long space, String what) {
        long first = value(cpu, space);
        for (int i = 0; i < 4; i++) {
            assertEquals(first, value(cpu, space), what);
        }
    }

    @ParameterizedTest
    @CsvSource({"native, 5, 2000", "emu, 100, 60"})
    void shouldNotReachFreedFrameWhenUnmapped(String kind, int seeds, int rounds) {
        race(kind, seeds, rounds, (cpu, round) -> {
            Mmap calls = test.kernel.mmap();
            assertEquals(0, calls.munmap(cpu, mm, TARGET, PAGE));
            assertEquals(FRESH, calls.mmap(cpu, mm, FRESH, FRESH_PAGES * PAGE, READ_WRITE, true, 0, 0));
            for (int i = 0; i < FRESH_PAGES; i++) {
                assertEquals(0, test.kernel.userAccess().store64(cpu, mm, FRESH + i * PAGE, round));
            }
            for (int i = 0; i < FRESH_PAGES; i++) {
                assertEquals(0, test.kernel.userAccess().load64(cpu, mm, FRESH + i * PAGE, round), "frame of another");
            }
            assertEquals(0, calls.munmap(cpu, mm, FRESH, FRESH_PAGES * PAGE));
            assertEquals(TARGET, calls.mmap(cpu, mm, TARGET, PAGE, READ_WRITE, true, 0, 0));
            test.kernel.userAccess().store64(cpu, mm, TARGET, round);
        });
    }

    @ParameterizedTest
    @CsvSource({"native, 5, 2000", "emu, 100, 40"})
    void shouldNotReachWhatTheChildInheritedWhenForked(String kind, int seeds, int rounds) {
        race(kind, seeds, rounds, (cpu, round) -> {
            long child = test.kernel.mms().dupMm(cpu, mm);
            assertTrue(child != 0, "fork failed");
            assertStable(cpu, child, "child's page changed");
            test.kernel.mms().mmput(cpu, child);
        });
    }

    @ParameterizedTest
    @CsvSource({"native, 5, 2000", "emu, 100, 60"})
    void shouldNotReachPageThatBecameReadOnly(String kind, int seeds, int rounds) {
        race(kind, seeds, rounds, (cpu, round) -> {
            assertEquals(0, test.kernel.mmap().mprotect(cpu, mm, TARGET, PAGE, VmArea.VM_READ));
            assertStable(cpu, mm, "read-only page changed");
            assertEquals(0, test.kernel.mmap().mprotect(cpu, mm, TARGET, PAGE, READ_WRITE));
            test.kernel.userAccess().store64(cpu, mm, TARGET, round);
        });
    }

    @ParameterizedTest
    @CsvSource({"native, 5, 1000", "emu, 60, 40"})
    void shouldNotReachFreedFrameWhenDropped(String kind, int seeds, int rounds) {
        race(kind, seeds, rounds, (cpu, round) -> {
            Mmap calls = test.kernel.mmap();
            assertEquals(0, calls.mprotect(cpu, mm, TARGET, PAGE, READ_WRITE));
            test.kernel.userAccess().store64(cpu, mm, TARGET, round);
            assertEquals(FRESH, calls.mmap(cpu, mm, FRESH, FRESH_PAGES * PAGE, READ_WRITE, true, 0, 0));
            assertEquals(0, calls.madviseDontneed(cpu, mm, TARGET, PAGE));
            for (int i = 0; i < FRESH_PAGES; i++) {
                assertEquals(0, test.kernel.userAccess().store64(cpu, mm, FRESH + i * PAGE, round));
            }
            for (int i = 0; i < FRESH_PAGES; i++) {
                assertEquals(0, test.kernel.userAccess().load64(cpu, mm, FRESH + i * PAGE, round), "frame of another");
            }
            assertEquals(0, calls.munmap(cpu, mm, FRESH, FRESH_PAGES * PAGE));
        });
    }
}
