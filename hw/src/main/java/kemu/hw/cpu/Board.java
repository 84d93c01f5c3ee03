package kemu.hw.cpu;

/**
 * What a CPU is plugged into, and all it knows of its machine: the other CPUs, who serves its interrupts, and how an
 * address is called in a report. Software that needs more of the machine asks {@code kemu.hw.machine.Machine.of}.
 */
public interface Board {
    /** CPU {@code id}. */
    Cpu cpu(int id);

    /** Runs the handlers of what is pending on {@code cpu} and allowed. The CPU calls it where it polls. */
    void serve(Cpu cpu);

    /** Preempts the current task of {@code cpu}, which is not in an atomic section. */
    void preempt(Cpu cpu);

    /** True if {@link #serve} would run a handler on {@code cpu} now. */
    boolean deliverable(Cpu cpu);

    /** True once the machine stops: CPUs end at their next poll. */
    boolean halted();

    /** What lies at {@code address}; for reports. */
    String nameOf(long address);
}
