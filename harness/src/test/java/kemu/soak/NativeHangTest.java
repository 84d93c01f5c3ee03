package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import kemu.check.dump.Inspector;
import kemu.hw.cpu.Cpu;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.types.AnonVma;
import kemu.perfetto.TraceReader;
import kemu.report.RunReport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hang of 2.6.36-rc2 on native machines, without the wait for it: one task looks a page up as root-reread does, and
 * the anon_vma gets another root under its hands, as an exit and a reuse would give it.
 */
class NativeHangTest {
    /** Two seconds: a busy host holds a thread up for longer than a few ticks. */
    private static final long PATIENCE_JIFFIES = 500;

    @TempDir
    private Path out;

    private static void unlockAnotherRoot(Cpu cpu, Kernel kernel) {
        Entry.enter(cpu);
        long page = kernel.pages().pageOf(OraclesTest.frameAtBase(cpu, kernel));
        long other = kernel.anonVmas().cache().alloc(cpu, Gfp.KERNEL);
        AnonVma.ROOT.writeOnce(cpu, other, other);
        long anonVma = kernel.anonVmas().locking().pageLockAnonVma(cpu, page);
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        AnonVma.ROOT.writeOnce(cpu, anonVma, other);
        kernel.anonVmas().locking().pageUnlockAnonVma(cpu, anonVma);
        AnonVma.ROOT.writeOnce(cpu, anonVma, root);
        kernel.machine().watchdog().softLockup(PATIENCE_JIFFIES);
        Entry.exit(cpu);
    }

    /** The lock that was left is held to the end on CPU#1, and waited for. */
    private static void assertDrawn(TraceReader trace) {
        assertTrue(trace.about().get("failure").toString().contains("lockup"), trace.about()::toString);
        for (String name : List.of("anon_vma->lock", "waits for anon_vma->lock")) {
            assertTrue(
                    trace.slices().stream()
                            .anyMatch(slice -> slice.process().equals("CPU#1")
                                    && slice.name().equals(name)
                                    && slice.args().containsKey("left")),
                    name);
        }
        assertEquals(Set.of("failure"), trace.markTracks());
    }

    private RunReport hang(String spinLock) throws IOException {
        return OraclesTest.run(
                "root-reread",
                spinLock,
                out,
                new Measured(true, false, out.resolve("hang.json"), 1_000),
                (cpu, kernel, counts) ->
                        OraclesTest.process(cpu, kernel, counts, (task, user) -> unlockAnotherRoot(task, kernel)));
    }

    @Test
    void shouldNameTheLockThatWasLeftAndTheOneReleasedInsteadAndLeaveADump() throws Exception {
        RunReport report = hang("ticket");
        OraclesTest.assertFails(report, "kind=hang");
        String cause = report.cause();
        assertTrue(
                cause.matches("(?s)\\[idle:\\d+\\] waits for spinlock anon_vma->lock 0x\\p{XDigit}+ .*, which was left"
                        + " locked: in RootSpinLocks.unlock on CPU#1, .* before the machine stopped, \\[idle:\\d+\\],"
                        + " which had taken it, released spinlock anon_vma->lock 0x\\p{XDigit}+ .* instead\\."),
                cause);
        assertTrue(report.text().startsWith(cause), report.text());
        assertEquals(1L, report.value("wrong_unlocks"));
        String html = Files.readString(out.resolve("report.html"));
        assertTrue(html.indexOf("which was left locked") < html.indexOf("<svg"), "the cause stands below the pictures");
        assertTrue(Files.readString(out.resolve("run.json")).contains("\"cause\" : \"["));
        assertDrawn(new TraceReader(out.resolve("hang.json")));
        try (Inspector inspector = new Inspector(out.resolve("dump"))) {
            assertTrue(inspector.tasks().contains("waits for spinlock anon_vma->lock"), inspector.tasks());
            assertTrue(
                    inspector
                            .locks()
                            .matches("(?s).*spinlock anon_vma->lock 0x\\p{XDigit}+ \\(locked, last taken by.*"),
                    inspector.locks());
            assertTrue(inspector.tasks().contains("[kswapd0:"), inspector.tasks());
            assertTrue(inspector.slab("anon_vma").contains("anon_vma 0x"), inspector.slab("anon_vma"));
        }
    }

    @Test
    void shouldFailEvenIfNobodyWaitsForTheLock() throws IOException {
        RunReport report = OraclesTest.run("root-recheck", "tas", null, (cpu, kernel, counts) -> {
            long one = kernel.anonVmas().cache().alloc(cpu, Gfp.KERNEL);
            SpinLock.lock(cpu, AnonVma.LOCK.of(one));
            SpinLock.unlock(cpu, AnonVma.LOCK.of(one));
            kemu.kernel.context.Preempt.disable(cpu);
            SpinLock.unlock(cpu, AnonVma.LOCK.of(one));
            kernel.anonVmas().cache().free(cpu, one);
        });
        OraclesTest.assertFails(report, "kind=wrong-unlock");
        assertTrue(report.cause().isEmpty(), report.cause());
        assertTrue(report.text().contains("released a spinlock that it had not taken"), report.text());
    }
}
