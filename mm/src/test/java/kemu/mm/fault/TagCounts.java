package kemu.mm.fault;

import java.util.concurrent.atomic.AtomicIntegerArray;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.cpu.Tags;
import kemu.hw.machine.Machine;

/** How often each latency was recorded on any CPU of a machine. */
final class TagCounts {
    private final AtomicIntegerArray counts =
            new AtomicIntegerArray(Tags.names().size());

    /** Of {@code machine}, which has not started. */
    TagCounts(Machine machine) {
        for (int id = 0; id < machine.cpus(); id++) {
            Cpu cpu = machine.cpu(id);
            if (cpu instanceof EmuCpu emulated) {
                emulated.attach((tag, elapsed) -> counts.incrementAndGet(tag));
            } else if (cpu instanceof NativeCpu real) {
                real.attach((tag, elapsed) -> counts.incrementAndGet(tag));
            }
        }
    }

    int of(int tag) {
        return counts.get(tag);
    }
}
