package kemu.hw.cpu;

/**
 * Decides step by step which emulated CPU goes on, in place of the machine's own loop. An abstract class, not an
 * interface, since CPUs ask it at every marked access: with one subclass loaded that is a direct call.
 */
public abstract class StepDriver {
    /** For subclasses. */
    protected StepDriver() {}

    /** {@code cpu} is about to make a marked access: true if its fiber must suspend, and wait to be run again. */
    public abstract boolean leaves(EmuCpu cpu);

    /** A CPU has switched tasks. */
    public abstract void switched();

    /** A CPU has raised {@code bits} of the interrupt line of another. */
    public abstract void raised(int bits);

    /** True if every look at the interrupt line is a step of its own. */
    public abstract boolean pollsAreSteps();
}
