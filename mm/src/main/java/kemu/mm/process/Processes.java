package kemu.mm.process;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * fork, vfork, exec, exit and wait.
 */
public final class Processes {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public Processes(Kernel kernel) {
        this.kernel = kernel;
    }
}
