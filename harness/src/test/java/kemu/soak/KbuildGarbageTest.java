package kemu.soak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kemu.hw.cpu.Cpu;
import kemu.report.RunReport;
import kemu.report.Verdict;
import kemu.trace.Traces;
import kemu.workload.Kbuild;
import kemu.workload.Workload;
import org.junit.jupiter.api.Test;

/** What a build that is replayed again and again takes from the host's heap. */
class KbuildGarbageTest {
    private static final PrintStream QUIET = new PrintStream(PrintStream.nullOutputStream());
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 8;
    private static final int PROCESSES = 72;

    /** A replay that notes after each round what the one CPU's thread has allocated in it, in bytes. */
    private record Watched(Workload replay, List<Long> allocated) implements Workload {
        @Override
        public boolean round(Cpu cpu) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            boolean more = replay.round(cpu);
            allocated.add(THREADS.getCurrentThreadAllocatedBytes() - before);
            return more;
        }

        @Override
        public void stop() {
            replay.stop();
        }

        @Override
        public double progress() {
            return replay.progress();
        }
    }

    /** What a process is told by is a few objects; its pages and mappings, of which a build has 45,000, are none. */
    @Test
    void shouldBeAFewObjectsAProcess() throws Exception {
        RunConfig config = new RunConfig(
                "kbuild",
                1,
                64L << 20,
                64L << 20,
                1,
                "root-recheck",
                "mmap-sem",
                "with-barrier",
                0,
                "off",
                0,
                "never",
                false,
                0,
                "ticket",
                true,
                "sched",
                false,
                0,
                Set.of(),
                Measured.LATENCIES,
                List.of(),
                null);
        List<Long> allocated = new ArrayList<>();
        RunReport report = new RunSession(config, QUIET)
                .run((kernel, counts) ->
                        new Watched(new Kbuild(kernel, counts, Traces.bundled(), 1, ROUNDS, false, false), allocated));
        assertEquals(Verdict.PASS, report.verdict(), report.failure());
        assertTrue(allocated.size() >= ROUNDS, allocated::toString);
        long least = allocated.stream()
                .limit(ROUNDS)
                .mapToLong(Long::longValue)
                .min()
                .orElseThrow();
        assertTrue(least < PROCESSES * 4096L, allocated::toString);
    }
}
