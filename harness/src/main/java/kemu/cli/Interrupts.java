package kemu.cli;

import sun.misc.Signal;

/** Ctrl-C: the first one asks for a clean end, the second one ends the process. */
final class Interrupts {
    private static final int KILLED_BY_INT = 130;

    private Interrupts() {}

    /** Runs {@code stop} on the first SIGINT or SIGTERM. */
    static void onInterrupt(Runnable stop) {
        for (String name : new String[] {"INT", "TERM"}) {
            Signal.handle(new Signal(name), new Once(stop));
        }
    }

    private static final class Once implements sun.misc.SignalHandler {
        private final Runnable stop;
        private boolean asked;

        Once(Runnable stop) {
            this.stop = stop;
        }

        @Override
        public void handle(Signal signal) {
            if (asked) {
                Runtime.getRuntime().halt(KILLED_BY_INT);
            }
            asked = true;
            System.err.println("kemu: stopping; once more to quit at once");
            stop.run();
        }
    }
}
