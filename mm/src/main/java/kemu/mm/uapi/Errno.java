package kemu.mm.uapi;

/** Negative status values of system calls and kernel functions, with Linux's numbers. */
public final class Errno {
    /** Nothing there. */
    public static final int ENOENT = -2;
    /** Operation not permitted. */
    public static final int EPERM = -1;
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
    /** In use. */
    public static final int EBUSY = -16;
    /** Exists already. */
    public static final int EEXIST = -17;
    /** Invalid argument. */
    public static final int EINVAL = -22;
    /** File too large. */
    public static final int EFBIG = -27;
    /** No space left on device. */
    public static final int ENOSPC = -28;
    /** Operation not supported. */
    public static final int EOPNOTSUPP = -95;

    private Errno() {}

    /** True if {@code value} is an error and not an address. */
    public static boolean isError(long value) {
        return value < 0 && value >= -4095;
    }
}
