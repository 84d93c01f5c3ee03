package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import kemu.trace.model.Op;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.stat.TraceStat;
import org.junit.jupiter.api.Test;

/** Whole recordings, counted. */
class FullLogTest {
    @Test
    void shouldCountAsRecordedWhenWholeBuildIsRead() throws TraceException {
        LoadOptions table = new LoadOptions(Shared.trace("kbuild-tinyconfig.faults.tsv.xz"), false);
        Trace t = Traces.load(Shared.trace("kbuild-tinyconfig.strace.xz"), table);
        TraceStat s = TraceStat.of(t);
        assertEquals(11_150, s.processes());
        assertEquals(3, t.threadCount());
        assertEquals(1, t.rootCount());
        assertEquals(Map.of(), t.notes().counts());
        assertEquals(8_568_407, t.plannedFaults());
        Map<String, Long> calls = s.calls();
        assertEquals(15_767, calls.get("execve"));
        assertEquals(5_224, s.ops(Op.EXEC_FAIL));
        assertEquals(248_191, calls.get("mmap"));
        assertEquals(63_774, calls.get("brk"));
        assertEquals(54_319, calls.get("mprotect"));
        assertEquals(20_910, calls.get("munmap"));
        assertEquals(19_848, calls.get("wait4"));
        assertEquals(11_150, calls.get("exit_group"));
        assertEquals(4_441, s.ops(Op.VFORK));
        assertEquals(5_257, s.ops(Op.SPAWN));
        assertEquals(1_451, s.ops(Op.FORK));
        assertEquals(Map.of(0, 11_019L, 1, 105L, 127, 24L, 128, 2L), s.exitCodes());
        assertEquals(9, s.depth());
        assertEquals(30, s.maxLive());
        assertTrue(Math.abs(s.mappedBytes() / 1e9 - 245.6) < 0.1);
    }

    @Test
    void shouldHoldAllProcessesWhenBundledTraceIsRead() {
        TraceStat s = TraceStat.of(Traces.bundled());
        assertEquals(72, s.processes());
        assertEquals(36, s.ops(Op.VFORK));
        assertEquals(22, s.ops(Op.SPAWN));
        assertEquals(13, s.ops(Op.FORK));
        assertEquals(1, s.trace().rootCount());
        assertEquals(Map.of(), s.trace().notes().counts());
        assertEquals(44_908, s.trace().plannedFaults());
    }
}
