package kemu.hw.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.machine.Machine;
import kemu.kernel.task.Machines;
import org.junit.jupiter.api.Test;

/** Latencies of what begins with a mode. */
class RecordSinceTest {
    private record Latency(int tag, long elapsed) {}

    private final List<Latency> recorded = new ArrayList<>();

    private NativeCpu cpuOf(Machine machine) {
        NativeCpu cpu = (NativeCpu) machine.bootCpu();
        cpu.attach((tag, elapsed) -> recorded.add(new Latency(tag, elapsed)));
        cpu.mode(Mode.USER);
        return cpu;
    }

    @Test
    void shouldEndWithTheModeItBeganWith() {
        try (Machine machine = Machines.of("native", 1, 1)) {
            NativeCpu cpu = cpuOf(machine);
            cpu.mode(Mode.KERNEL);
            long start = cpu.modeSince();
            cpu.recordSince(3, start);
            assertEquals(List.of(), recorded);
            cpu.mode(Mode.USER);
            assertEquals(List.of(new Latency(3, cpu.modeSince() - start)), recorded);
            cpu.mode(Mode.KERNEL);
            cpu.mode(Mode.USER);
            assertEquals(1, recorded.size());
        }
    }

    /** One fault of two kinds, and what began inside the kernel. */
    @Test
    void shouldRecordAtOnceWhatCannotWait() {
        try (Machine machine = Machines.of("native", 1, 1)) {
            NativeCpu cpu = cpuOf(machine);
            cpu.mode(Mode.KERNEL);
            cpu.recordSince(3, cpu.modeSince() - 1_000);
            assertEquals(1, recorded.size());
            assertTrue(recorded.getFirst().elapsed() >= 1_000);
            cpu.recordSince(4, cpu.modeSince());
            cpu.recordSince(5, cpu.modeSince());
            assertEquals(List.of(3, 5), recorded.stream().map(Latency::tag).toList());
            cpu.mode(Mode.USER);
            assertEquals(List.of(3, 5, 4), recorded.stream().map(Latency::tag).toList());
        }
    }
}
