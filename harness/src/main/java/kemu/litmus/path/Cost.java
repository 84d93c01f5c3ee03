package kemu.litmus.path;

/** Bounds work: what is spent is gone. */
@FunctionalInterface
public interface Cost {
    /** Takes {@code grains} of work, some tenths of a microsecond each; throws when there is no more. */
    void spend(long grains);
}
