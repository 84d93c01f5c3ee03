package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Mode;

/** The border between a task's user code and the kernel. */
public final class Entry {
    private Entry() {}

    /** A system call or fault begins: from here on the CPU's time is kernel time. */
    public static void enter(Cpu cpu) {
        Sched.setMode(cpu, Mode.KERNEL);
    }

    /** It ends: gives way to another task if the scheduler wants that, then user time runs. Context: no locks held. */
    public static void exit(Cpu cpu) {
        Sched.of(cpu).condResched(cpu);
        Sched.setMode(cpu, Mode.USER);
    }
}
