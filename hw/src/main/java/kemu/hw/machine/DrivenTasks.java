package kemu.hw.machine;

import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Fiber;

/**
 * The tasks of a machine whose CPUs are driven step by step, in one execution after another. An abstract class, not an
 * interface, since it is asked at every step: with one subclass loaded that is a direct call.
 */
public abstract class DrivenTasks {
    /** Told when a task's body has ended; returns true if the CPU has nothing more to do. */
    public interface Ends {
        /** The body of the current task of {@code cpu} is over, with {@code failure} unless null. */
        boolean ended(EmuCpu cpu, Throwable failure);
    }

    /** For subclasses. */
    protected DrivenTasks() {}

    /** Number of tasks that come to an end: all but those that serve others for ever. */
    public abstract int count();

    /** Number of tasks of CPU {@code id}. */
    public abstract int countOn(int id);

    /** True if CPU {@code id} has a task at the beginning. */
    public abstract boolean has(int id);

    /** True if the current task of {@code cpu} may be preempted now, in favour of another that is ready. */
    public abstract boolean preemptible(EmuCpu cpu);

    /** The fiber with which CPU {@code id} begins. */
    public abstract Fiber first(int id);

    /** A CPU has switched tasks: no fiber is known to be at its beginning any more. */
    public abstract void switched();

    /** Replaces all fibers after an execution in which CPUs switched tasks. */
    public abstract void renew();

    /** Replaces the fiber of CPU {@code id}, whose task has not ended. */
    public abstract void renewFirst(int id);
}
