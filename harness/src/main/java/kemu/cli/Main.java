package kemu.cli;

import kemu.host.HostLimits;
import kemu.host.Output;
import kemu.host.Parent;
import kemu.host.Stop;

/**
 * The process: starts a verb and exits with its code. Whatever ends the process otherwise (a signal, output that cannot
 * be written, a limit of the host, a bug of kemu) is one line on standard error; exit code 1 is said of a violation
 * only.
 */
public final class Main {
    static final int VIOLATION = 1;
    static final int USAGE = 2;
    /** Budget spent, or told to end before there was a verdict. */
    static final int UNKNOWN = 3;

    static final int INTERNAL = 70;

    private Main() {}

    /** Entry point. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    private static int run(String[] args) {
        try {
            Thread.setDefaultUncaughtExceptionHandler(
                    (thread, failure) -> Runtime.getRuntime().halt(tell(failure)));
            Output.install();
            Stop.install(why -> ended(args, why));
            Parent.watch();
            return Output.exitCode(execute(args), VIOLATION, INTERNAL);
        } catch (Exception | Error failure) {
            return tell(failure);
        }
    }

    /**
     * Runs one command in this JVM and returns its exit code, for tests of plugins; what it says goes to
     * {@link System#out} and {@link System#err}.
     */
    public static int execute(String... args) {
        return Verbs.execute(args);
    }

    /** Tells what ends the process and returns the code to exit with. */
    static int tell(Throwable failure) {
        String limit = HostLimits.line(failure);
        if (limit != null) {
            System.err.println("kemu: " + limit);
        } else {
            System.err.println("kemu: internal error: " + failure);
            failure.printStackTrace(System.err);
        }
        return INTERNAL;
    }

    /** Ends a verb that has nothing to report before it is done. */
    private static void ended(String[] args, String why) {
        System.err.println("kemu: " + why + ": ended before there was a result");
        System.out.println(
                "SUMMARY verb=" + (args.length == 0 ? "none" : args[0]) + " verdict=UNKNOWN interrupted=true");
        System.exit(Output.exitCode(UNKNOWN, VIOLATION, INTERNAL));
    }
}
