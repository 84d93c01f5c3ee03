package kemu.hw.machine;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;

/**
 * Hands out memory during boot, upwards from frame 1; nothing is ever given back. The page allocator takes over what is
 * left. Memory is zeroed. Boot only, on one CPU.
 */
public final class BootAllocator {
    private final PhysMem memory;
    private long next = PhysMem.PAGE_SIZE;

    BootAllocator(PhysMem memory) {
        this.memory = memory;
    }

    /**
     * Zeroed memory that reports will call {@code name}.
     *
     * @throws IllegalStateException if memory is too small for boot
     */
    public long allocate(Cpu cpu, long sizeBytes, int alignment, String name) {
        long at = (next + alignment - 1) & -alignment;
        long end = at + ((sizeBytes + 7) & -8L);
        if (end > memory.sizeBytes()) {
            throw new IllegalStateException("memory of " + memory.sizeBytes()
                    + " bytes is too small to boot: no room for " + name + " (" + sizeBytes + " bytes)");
        }
        zero(cpu, at, end);
        memory.symbols().region(at, end - at, name);
        next = end;
        return at;
    }

    private void zero(Cpu cpu, long from, long to) {
        long at = from;
        while (at < to) {
            if ((at & (PhysMem.PAGE_SIZE - 1)) == 0 && to - at >= PhysMem.PAGE_SIZE) {
                cpu.clearFrame(at);
                at += PhysMem.PAGE_SIZE;
            } else {
                cpu.write64(at, 0);
                at += 8;
            }
        }
    }

    /** First frame that boot has not used; from now on nothing can be allocated here. */
    public long takeRest() {
        long first = firstFreeFrame();
        next = memory.sizeBytes();
        return first;
    }

    /** First frame that boot has not used. */
    public long firstFreeFrame() {
        return (next + PhysMem.PAGE_SIZE - 1) & -PhysMem.PAGE_SIZE;
    }
}
