package kemu.kernel.task;

import kemu.hw.cpu.Cpu;

/** What a task does from its first instruction; returning from {@link #run} ends the task. */
@FunctionalInterface
public interface TaskBody {
    /** Runs the task on the CPU it is pinned to. */
    void run(Cpu cpu);
}
