package kemu.hw.badfixture;

import kemu.hw.badfixture.upper.BadBoard;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Sched;

/** A machine that names its software, and closes a circle; kemu.tidy.ArchitectureTest wants both noticed. */
public final class BadCoreUser {
    /** Reaches up to the scheduler. */
    public BadBoard circle(Cpu cpu) {
        return Sched.current(cpu) == 0 ? null : new BadBoard();
    }
}
