package kemu.trace.model;

/** Ops by index, be they finished or still being collected. */
public interface Steps {
    /** Number of ops. */
    int size();

    /** Kind of op {@code i}. */
    byte op(int i);

    /** Argument {@code k} (0 = a) of op {@code i}. */
    long arg(int i, int k);
}
