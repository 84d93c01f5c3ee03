package kemu.hw.cpu;

/**
 * The one instrument that a CPU which is a host thread can afford: told what kernel code tells, by the CPU's own
 * thread. An abstract class of which a run that measures nothing more loads one subclass, so that telling it is a
 * direct call, and nothing where the event is a constant that it does not listen to. Others tell the one before them in
 * turn.
 */
public abstract class NativeWitness {
    /** For subclasses. */
    protected NativeWitness() {}

    /** {@code cpu} tells of {@code event}, see {@link Event}. */
    public abstract void told(NativeCpu cpu, int event, long object, long detail);
}
