package kemu.hw.cpu;

import jdk.internal.vm.Continuation;
import jdk.internal.vm.ContinuationScope;

/**
 * A suspended or running thread of emulated execution: {@code jdk.internal.vm.Continuation} behind two verbs. A fiber
 * is made once per task slot and reused: its body loops over the tasks that live in the slot.
 *
 * <p>Not promised: suspending inside a static initialiser or under a Java monitor fails with an exception.
 */
public final class Fiber {
    private static final ContinuationScope SCOPE = new ContinuationScope("kemu");

    private final Continuation continuation;

    /** A fiber that will run {@code body} from its first {@link #resume}. */
    public Fiber(Runnable body) {
        continuation = new Continuation(SCOPE, body);
    }

    /** Runs the fiber on the calling host thread until it suspends or ends. */
    public void resume() {
        continuation.run();
    }

    /** Suspends the running fiber; {@link #resume} of it returns. */
    public static void suspend() {
        Continuation.yield(SCOPE);
    }

    /** True once the body has returned. */
    public boolean isDone() {
        return continuation.isDone();
    }

    /** Where the fiber is suspended; for reports, when it is not running. Empty if the host cannot tell. */
    public StackTraceElement[] stackTrace() {
        try {
            return continuation.getStackTrace();
        } catch (InternalError undecodable) {
            // The JDK's stack walker cannot always decode compiled frames of a suspended continuation.
            return new StackTraceElement[0];
        }
    }
}
