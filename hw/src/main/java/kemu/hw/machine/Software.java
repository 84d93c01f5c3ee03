package kemu.hw.machine;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Fiber;

/**
 * The software that runs on a machine, as far as the machine must know it: where CPUs begin, what it says when nothing
 * goes on, and its tasks as somebody who drives the CPUs step by step needs them. One for each machine, see
 * {@link Machine#install}.
 */
public interface Software {
    /** The fiber with which CPU {@code id} begins. */
    Fiber idleFiber(int id);

    /** Who waits for what and who holds it, for all CPUs and tasks. Failure path only. */
    String describeHang(Cpu cpu);

    /** CPU {@code id} has not served {@code ticks} ticks, and executes at {@code stack}. Failure path only. */
    String describeHardLockup(Cpu cpu, int id, int ticks, StackTraceElement[] stack);

    /**
     * Gives all tasks that have been started away to a driver, which is told by {@code ends} when one is over. Once,
     * before the machine has run.
     */
    DrivenTasks driven(DrivenTasks.Ends ends);
}
