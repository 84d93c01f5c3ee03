package kemu.host;

/** Errors that are no fault of what was asked but of what the host, or the JVM's options, leave to it. */
public final class HostLimits {
    /** Causes looked at; a chain of causes may be circular. */
    private static final int DEPTH = 16;

    private HostLimits() {}

    /** The error of the host behind {@code failure}; null if there is none. */
    public static Error in(Throwable failure) {
        Throwable at = failure;
        for (int i = 0; i < DEPTH && at != null; i++) {
            if (at instanceof VirtualMachineError || at instanceof LinkageError) {
                return (Error) at;
            }
            at = at.getCause();
        }
        return null;
    }

    /** One line that names the limit behind {@code failure}; null if it is none of the host's. */
    public static String line(Throwable failure) {
        Error error = in(failure);
        if (error == null) {
            return null;
        }
        String said = String.valueOf(error.getMessage()).lines().findFirst().orElse("");
        if (error instanceof StackOverflowError) {
            return "the stack of a host thread is exhausted (a larger one: KEMU_OPTS=-Xss8m)";
        }
        if (error instanceof LinkageError) {
            return "cannot load a class (" + error.getClass().getSimpleName() + ": " + said
                    + "): either the limit of open files is too small (ulimit -n), or kemu.jar and its lib/ are"
                    + " incomplete";
        }
        if (!(error instanceof OutOfMemoryError)) {
            return "the JVM gives up (" + error + ")";
        }
        if (said.contains("thread")) {
            return "the host starts no more threads (" + said + "; see ulimit -u and ulimit -v)";
        }
        if (said.contains("heap") || said.contains("GC overhead") || said.contains("array size")) {
            return "out of memory: the JVM's heap of " + (Runtime.getRuntime().maxMemory() >> 20)
                    + " MiB is exhausted (a larger one: KEMU_OPTS=-Xmx2g)";
        }
        return "out of memory: the host gives no more (" + said
                + "; see --memory, ulimit -v, and the memory that is free)";
    }
}
