package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.mm.Kernel;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;
import kemu.report.RunReport;
import kemu.report.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What threads know of their memory is right, and what is wrong with it they notice. */
class RangesTest {
    private static final long OWN = 0x7f00_0000_0000L;
    private static final long COMMON = 0x7e00_0000_0000L;
    private static final int PAGES = 24;
    private static final long VALUE_OFFSET = UserProgram.FILLED_WORD * 8L;
    private static final long STAMP_OFFSET = UserProgram.STAMP_WORD * 8L;

    /** What the one process of a run does; it has the number 1. */
    private interface Body {
        void run(Cpu cpu, Kernel kernel, Syscalls syscalls, UserProgram user);
    }

    private static final class Once extends OneRound {
        private final Kernel kernel;
        private final Counts counts;
        private final Body body;

        Once(Kernel kernel, Counts counts, Body body) {
            this.kernel = kernel;
            this.counts = counts;
            this.body = body;
        }

        @Override
        void once(Cpu cpu) {
            Syscalls syscalls = new Syscalls(kernel, counts);
            int comm = Comms.of(kernel.machine()).number("ranges");
            process(
                    cpu,
                    kernel,
                    syscalls,
                    comm,
                    own -> body.run(own, kernel, syscalls, new UserProgram(kernel, counts, 1, new StampTable())));
        }
    }

    private static RunReport run(String lookup, Body body) throws IOException {
        return OneRound.run(16L << 20, 0, lookup, "with-barrier", (kernel, counts) -> new Once(kernel, counts, body));
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmap-sem", "spf", "per-vma-lock", "per-vma-refcount"})
    void shouldKnowWhatPagesHoldAndWhatIsRefused(String lookup) throws IOException {
        RunReport report = run(lookup, (cpu, kernel, syscalls, user) -> {
            SplittableRandom random = new SplittableRandom(5);
            OwnRange own = new OwnRange(OWN, PAGES, syscalls);
            CommonRange common = new CommonRange(syscalls, PAGES, 1);
            ThreadStorm.Call[] calls = ThreadStorm.Call.values();
            for (int i = 0; i < 3_000; i++) {
                ThreadStorm.Call call = calls[random.nextInt(calls.length)];
                assertTrue(own.call(cpu, user, random, call) && common.call(cpu, user, random, call));
            }
            assertTrue(own.verify(cpu, user));
        });
        assertEquals(Verdict.PASS, report.verdict(), report::text);
        assertTrue((Long) report.value("faults") > 3_000);
    }

    private static void assertFails(String kind, Body body) throws IOException {
        RunReport report = run("mmap-sem", body);
        assertEquals(Verdict.FAIL, report.verdict(), report::text);
        assertEquals(kind, report.kind());
        assertTrue(report.text().contains("first error: "), report::text);
    }

    @Test
    void shouldNoticeWhatSomebodyElseWrote() throws IOException {
        assertFails("stamp-error", (cpu, kernel, syscalls, user) -> {
            OwnRange own = new OwnRange(OWN, 1, syscalls);
            own.call(cpu, user, new SplittableRandom(1), ThreadStorm.Call.MMAP);
            kernel.userAccess().store64(cpu, Processes.currentMm(cpu), OWN + VALUE_OFFSET, 4);
            own.verify(cpu, user);
        });
        assertFails("stamp-error", (cpu, kernel, syscalls, user) -> {
            syscalls.mmap(cpu, COMMON, UserProgram.pageSize(), VmArea.VM_READ | VmArea.VM_WRITE, true, 0, 0);
            kernel.userAccess().store64(cpu, Processes.currentMm(cpu), COMMON + STAMP_OFFSET, 2L << 32);
            CommonRange common = new CommonRange(syscalls, 1, 1);
            // Some of these are reads.
            for (int i = 0; i < 20; i++) {
                common.access(cpu, user, new SplittableRandom(i), COMMON, UserProgram.pageSize());
                kernel.userAccess().store64(cpu, Processes.currentMm(cpu), COMMON + STAMP_OFFSET, 2L << 32);
            }
        });
    }

    @Test
    void shouldNoticeWhatShouldHaveBeenRefused() throws IOException {
        assertFails("access-error", (cpu, kernel, syscalls, user) -> {
            OwnRange own = new OwnRange(OWN, 1, syscalls);
            syscalls.mmap(cpu, OWN, UserProgram.pageSize(), VmArea.VM_READ | VmArea.VM_WRITE, true, 0, 0);
            own.call(cpu, user, new SplittableRandom(1), ThreadStorm.Call.FAULTS);
        });
        assertFails("access-error", (cpu, kernel, syscalls, user) -> {
            OwnRange own = new OwnRange(OWN, 1, syscalls);
            own.call(cpu, user, new SplittableRandom(1), ThreadStorm.Call.MMAP);
            syscalls.munmap(cpu, OWN, UserProgram.pageSize());
            own.verify(cpu, user);
        });
        assertFails("syscall-error", (cpu, kernel, syscalls, user) -> user.returned(cpu, "mprotect", -12, 0));
    }
}
