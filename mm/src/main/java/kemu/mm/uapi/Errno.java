package kemu.mm.uapi;

/** Negative status values of system calls and kernel functions, with Linux's numbers. */
public final class Errno {
    /** No such process. */
    public static final int ESRCH = -3;
    /** No child processes. */
    public static final int ECHILD = -10;
    /** Try again. */
    public static final int EAGAIN = -11;
    /** Out of memory. */
    public static final int ENOMEM = -12;
    /** Permission denied. */
    public static final int EACCES = -13;
    /** Bad address. */
    public static final int EFAULT = -14;
    /** Exists already. */
    public static final int EEXIST = -17;
    /** Invalid argument. */
    public static final int EINVAL = -22;

    private Errno() {}

    /** True if {@code value} is an error and not an address. */
    public static boolean isError(long value) {
        return value < 0 && value >= -4095;
    }
}
