package kemu.host;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jline.utils.Signals;

/**
 * Whether the process was told to end: by SIGINT (Ctrl-C), SIGTERM or SIGHUP, or because nobody reads its output.
 *
 * <p>Nothing is done inside a shutdown of the JVM. A verb that can end early calls {@link #served} first, looks at
 * {@link #requested} now and then (or searches by a {@link #clock}), and then ends as always: with what it has found so
 * far, its files and its SUMMARY. A verb that never says so is ended by {@code unserved}, given to {@link #install}. A
 * second signal ends the process at once, with 128 and the number of the signal.
 */
public final class Stop {
    /** Exit codes of a second signal, as shells give them. */
    private static final List<Sign> SIGNS = List.of(new Sign("HUP", 129), new Sign("INT", 130), new Sign("TERM", 143));

    private static final List<Runnable> ACTIONS = new CopyOnWriteArrayList<>();

    /** Why; null while nobody has asked. */
    private static volatile String reason;

    private static volatile boolean served;
    private static volatile Consumer<String> unserved = why -> {};

    private record Sign(String name, int code) {}

    private Stop() {}

    /**
     * Catches the signals of this process.
     *
     * @param unserved ends the process, given the reason, if the verb does not do so itself
     */
    public static void install(Consumer<String> unserved) {
        Stop.unserved = unserved;
        // A signal that the process was started to ignore, as by nohup, stays ignored: the JVM sees to that.
        SIGNS.forEach(sign -> Signals.register(sign.name, () -> caught(sign)));
    }

    private static void caught(Sign sign) {
        if (!request("SIG" + sign.name)) {
            Runtime.getRuntime().halt(sign.code);
        }
    }

    /** Asks the process to end. Any thread; false if it was asked before: only the first reason counts. */
    public static boolean request(String why) {
        synchronized (Stop.class) {
            if (reason != null) {
                return false;
            }
            reason = why;
        }
        if (!served) {
            unserved.accept(why);
            return true;
        }
        System.err.println("kemu: " + why + ": ending with what was found so far");
        ACTIONS.forEach(Runnable::run);
        return true;
    }

    /** From now on the verb looks at {@link #requested} itself. Once said, it holds until the process ends. */
    public static void served() {
        served = true;
    }

    /** As {@link #served}; {@code action} is run once, on another thread, when the process is told to end. */
    public static void served(Runnable action) {
        ACTIONS.add(action);
        served = true;
        if (requested()) {
            action.run();
        }
    }

    /** Whether the process was told to end. Cheap: it may be asked in loops. */
    public static boolean requested() {
        return reason != null;
    }

    /** The reason, such as SIGINT; null if there is none. */
    public static String reason() {
        return reason;
    }

    /** The clock {@code nanosLeft}, but no time is left once the process was told to end. */
    public static LongSupplier clock(LongSupplier nanosLeft) {
        return () -> requested() ? 0 : nanosLeft.getAsLong();
    }

    /** Forgets all: for tests, and for those who run several commands in one process. */
    public static synchronized void reset() {
        reason = null;
        served = false;
        ACTIONS.clear();
    }
}
