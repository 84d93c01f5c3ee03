package kemu.host;

import java.util.concurrent.TimeUnit;

/**
 * The process that has started this one to work for it: when it is gone, whatever ended it, nobody waits for the work
 * any more, and this process ends as after Ctrl-C.
 */
public final class Parent {
    private static final String PROPERTY = "kemu.parent";
    private static final long PATIENCE_SECONDS = 10;
    /** As of a process that SIGTERM has ended. */
    private static final int CODE = 143;

    private Parent() {}

    /** The JVM option by which a process learns that this one is its parent. */
    public static String option() {
        return "-D" + PROPERTY + "=" + ProcessHandle.current().pid();
    }

    /** True of that option. */
    public static boolean isOption(String option) {
        return option.startsWith("-D" + PROPERTY + "=");
    }

    /** Watches the parent, if this process was told of one. */
    public static void watch() {
        long pid = Long.getLong(PROPERTY, 0);
        if (pid > 0) {
            Thread thread = new Thread(() -> await(pid), "kemu-parent");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private static void await(long pid) {
        try {
            while (ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)) {
                TimeUnit.SECONDS.sleep(1);
            }
            Stop.request("who started this process is gone");
            TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
        } catch (InterruptedException soon) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(CODE);
    }
}
