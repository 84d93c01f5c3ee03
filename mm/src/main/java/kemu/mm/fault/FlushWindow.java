package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.kernel.context.Preempt;
import kemu.mm.types.MmStruct;

/**
 * A stretch of code with interrupts off: whoever flushes TLBs, and frees page tables only then, waits until it ends. It
 * must not wait for anything itself. Where the kernel sends interrupts, this machine announces the address space, as
 * user accesses do.
 */
final class FlushWindow {
    private FlushWindow() {}

    static void open(Cpu cpu, @Ref(MmStruct.class) long mm) {
        Preempt.irqDisable(cpu);
        // Release: a flusher that finds this one finds the end of the one before.
        Area.USER_ACCESS_MM.release(cpu, cpu.area(), mm);
        cpu.smpMb(FaultBarriers.USER_ACCESS);
    }

    static void close(Cpu cpu) {
        Area.USER_ACCESS_MM.release(cpu, cpu.area(), Cpu.NULL);
        Preempt.irqEnable(cpu);
    }
}
