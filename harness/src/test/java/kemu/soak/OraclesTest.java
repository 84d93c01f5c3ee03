package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import kemu.hw.cpu.Cpu;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.process.Processes;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.VmArea;
import kemu.report.RunReport;
import kemu.report.Verdict;
import kemu.workload.Counts;
import kemu.workload.StampTable;
import kemu.workload.Syscalls;
import kemu.workload.UserProgram;
import kemu.workload.Workload;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every oracle of a run fires on a kernel that is broken in just the way it is there for. */
class OraclesTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final LockClass TEST_LOCK = LockClass.of("oracle test");
    private static final PrintStream QUIET = new PrintStream(PrintStream.nullOutputStream());

    /** Does something wrong, from the conductor's task. */
    @FunctionalInterface
    interface Sabotage {
        void run(Cpu cpu, Kernel kernel, Counts counts);
    }

    private static RunReport run(String spinLock, Sabotage sabotage) throws IOException {
        return run("root-recheck", spinLock, null, sabotage);
    }

    /** Runs {@code sabotage} on a kernel with these strategies; report files go to {@code out} unless it is null. */
    static RunReport run(String anonVma, String spinLock, Path out, Sabotage sabotage) throws IOException {
        return run(anonVma, spinLock, out, Measured.LATENCIES, sabotage);
    }

    /** The same, measuring more. */
    static RunReport run(String anonVma, String spinLock, Path out, Measured measured, Sabotage sabotage)
            throws IOException {
        RunConfig config = new RunConfig(
                "test",
                2,
                64L << 20,
                64L << 20,
                1,
                anonVma,
                "mmap-sem",
                "with-barrier",
                0,
                "off",
                0,
                "never",
                false,
                0,
                spinLock,
                true,
                "sched",
                false,
                0,
                Set.of(),
                measured,
                List.of(),
                out);
        RunSession session = new RunSession(config, QUIET);
        return session.run((kernel, counts) -> new Once(kernel, counts, sabotage));
    }

    private static final class Once implements Workload {
        private final Kernel kernel;
        private final Counts counts;
        private final Sabotage sabotage;
        private boolean done;

        Once(Kernel kernel, Counts counts, Sabotage sabotage) {
            this.kernel = kernel;
            this.counts = counts;
            this.sabotage = sabotage;
            // As workloads do: a number after boot's and before that of the kernel's threads.
            Comms.of(kernel.machine()).number("sabotage");
        }

        @Override
        public boolean round(Cpu cpu) {
            if (done) {
                return false;
            }
            done = true;
            sabotage.run(cpu, kernel, counts);
            return true;
        }

        @Override
        public void stop() {
            done = true;
        }

        @Override
        public double progress() {
            return done ? 1 : 0;
        }
    }

    /** Runs {@code body} as a process with one page mapped at BASE, and waits for its end. */
    static void process(Cpu cpu, Kernel kernel, Counts counts, java.util.function.BiConsumer<Cpu, UserProgram> body) {
        Syscalls syscalls = new Syscalls(kernel, counts);
        AtomicBoolean ended = new AtomicBoolean();
        kernel.processes()
                .spawnInit(
                        cpu,
                        task -> {
                            Entry.exit(task);
                            UserProgram user = new UserProgram(kernel, counts, 1, new StampTable());
                            syscalls.mmap(task, BASE, 4 * 4096, VmArea.VM_READ | VmArea.VM_WRITE, true, 0, 0);
                            user.write(task, BASE, true);
                            body.accept(task, user);
                            syscalls.exit(task, 0);
                            ended.set(true);
                        },
                        0,
                        1,
                        1);
        while (!ended.get()) {
            syscalls.sleep(cpu, 1);
        }
    }

    static long frameAtBase(Cpu cpu, Kernel kernel) {
        long mm = Processes.currentMm(cpu);
        return Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, BASE)));
    }

    static void assertFails(RunReport report, String summaryPart) {
        assertEquals(Verdict.FAIL, report.verdict(), report.text());
        assertTrue(report.text().contains(summaryPart), report.text());
    }

    @Test
    void shouldPassWhenNothingIsWrong() throws IOException {
        RunReport report = run(
                "ticket",
                (cpu, kernel, counts) ->
                        process(cpu, kernel, counts, (task, user) -> assertTrue(user.verify(task, BASE))));
        assertEquals(Verdict.PASS, report.verdict(), report.text());
        assertEquals(0L, report.value("leaked_objects"));
        assertEquals(0L, report.value("leaked_pages"));
    }

    @Test
    void shouldWriteWhatIsKnownAndBlameNobodyWhenTheHostFails(@TempDir Path out) throws IOException {
        OutOfMemoryError host = assertThrows(
                OutOfMemoryError.class,
                () -> run("root-recheck", "ticket", out, (cpu, kernel, counts) -> {
                    throw new OutOfMemoryError("of the test");
                }));
        assertEquals("of the test", host.getMessage());
        String json = Files.readString(out.resolve("run.json"));
        assertTrue(json.contains("\"verdict\" : \"UNKNOWN\"") && json.contains("\"internal-error\""), json);
    }

    @Test
    void shouldReportStampErrorWhenPageContentsChange() throws IOException {
        RunReport report = run(
                "ticket",
                (cpu, kernel, counts) -> process(cpu, kernel, counts, (task, user) -> {
                    task.write64(frameAtBase(task, kernel) + UserProgram.STAMP_WORD * 8L, 0xbadL);
                    user.verify(task, BASE);
                }));
        assertFails(report, "kind=stamp-error");
        assertEquals(1L, report.value("stamp_errors"));
    }

    @Test
    void shouldReportAccessErrorWhenMappingIsLost() throws IOException {
        RunReport report = run(
                "ticket",
                (cpu, kernel, counts) -> process(cpu, kernel, counts, (task, user) -> {
                    new Syscalls(kernel, counts).munmap(task, BASE, 4096);
                    user.verify(task, BASE);
                }));
        assertFails(report, "kind=access-error");
    }

    @Test
    void shouldReportLeakWhenFrameIsNeverFreed() throws IOException {
        RunReport report = run("ticket", (cpu, kernel, counts) -> kernel.pages().allocPages(cpu, Gfp.KERNEL, 0));
        assertFails(report, "kind=leaked-pages");
        assertEquals(1L, report.value("leaked_pages"));
    }

    @Test
    void shouldReportLeakWhenObjectIsNeverFreed() throws IOException {
        RunReport report = run(
                "ticket", (cpu, kernel, counts) -> kernel.slabs().caches()[0].alloc(cpu, Gfp.KERNEL));
        assertFails(report, "kind=leaked-objects");
        assertEquals(1L, report.value("leaked_objects"));
    }

    @Test
    void shouldReportBadPageWhenMappedPageIsFreed() throws IOException {
        RunReport report = run("ticket", (cpu, kernel, counts) -> {
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            Page.MAPCOUNT.writeOnce(cpu, page, 0);
            kernel.pages().putPage(cpu, page);
        });
        assertFails(report, "Bad page state");
        assertEquals(-1L, report.value("leaked_pages"));
    }

    @Test
    void shouldReportDoubleFreeOfObject() throws IOException {
        RunReport report = run("ticket", (cpu, kernel, counts) -> {
            KmemCache cache = kernel.slabs().caches()[0];
            long object = cache.alloc(cpu, Gfp.KERNEL);
            cache.free(cpu, object);
            cache.free(cpu, object);
        });
        assertFails(report, "already free");
    }

    @Test
    void shouldReportDoubleFreeOfFrame() throws IOException {
        RunReport report = run("ticket", (cpu, kernel, counts) -> {
            long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            kernel.pages().putPage(cpu, page);
            kernel.pages().putPage(cpu, page);
        });
        assertFails(report, "kind=kernel-bug");
    }

    @Test
    void shouldReportWrongUnlockWithDebugSpinLock() throws IOException {
        RunReport report = run("debug", (cpu, kernel, counts) -> {
            long lock = lock(cpu, kernel);
            SpinLock.lock(cpu, lock);
            Sched.of(kernel.machine()).spawn(cpu, other -> SpinLock.unlock(other, lock), 1, "wrong", Task.PF_KTHREAD);
            cpu.condLoadEq32(lock, 0, 1, kemu.hw.order.Order.ACQUIRE);
        });
        assertFails(report, "BUG: spinlock wrong owner");
    }

    @Test
    void shouldReportHangWithLockTaskAndHolder() throws IOException {
        RunReport report = run("ticket", (cpu, kernel, counts) -> {
            kernel.machine().watchdog().softLockup(25);
            long lock = lock(cpu, kernel);
            SpinLock.lock(cpu, lock);
            // Nobody will ever unlock: the second round of the same task waits for itself.
            SpinLock.lock(cpu, lock);
        });
        assertFails(report, "BUG: soft lockup - CPU#0 stuck");
        assertTrue(report.failure().contains("oracle test"), report.failure());
        assertTrue(report.failure().contains("conductor"), report.failure());
        assertTrue(report.failure().contains("OraclesTest"), report.failure());
    }

    private static long lock(Cpu cpu, Kernel kernel) {
        long page = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
        long lock = kernel.pages().frameOf(page);
        SpinLock.init(cpu, lock, TEST_LOCK);
        return lock;
    }
}
