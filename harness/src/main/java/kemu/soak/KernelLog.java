package kemu.soak;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** What the emulated kernel logs (dmesg): shown as it comes, the first lines kept for the report. */
final class KernelLog implements Consumer<String> {
    private static final int MOST_LINES = 200;

    private final PrintStream out;
    private final List<String> lines = new ArrayList<>();
    private long dropped;

    KernelLog(PrintStream out) {
        this.out = out;
    }

    @Override
    public void accept(String line) {
        synchronized (lines) {
            if (lines.size() < MOST_LINES) {
                lines.add(line);
            } else {
                dropped++;
            }
        }
        out.println(line);
    }

    /** The lines so far. */
    List<String> lines() {
        synchronized (lines) {
            List<String> copy = new ArrayList<>(lines);
            if (dropped != 0) {
                copy.add("(" + dropped + " more lines of the kernel log)");
            }
            return copy;
        }
    }
}
