package kemu.check;

import java.util.List;
import kemu.hw.mem.KernelBug;

/**
 * Handles what instruments find without stopping an execution. The kernel, too, warns and goes on, and a hang that
 * follows says more than the warning before it. So a finding fails an execution only if nothing else has failed it.
 */
final class Findings {
    private Findings() {}

    /** Fails the execution with the first of {@code found}, if there is any. */
    static void fail(List<KernelBug> found) {
        if (!found.isEmpty()) {
            throw found.get(0);
        }
    }

    /** The gist of every finding, one line each. */
    static List<String> lines(List<KernelBug> found) {
        return found.stream()
                .map(bug ->
                        bug.getMessage().lines().limit(2).map(Findings::gist).reduce((a, b) -> (a + " " + b).strip()))
                .map(line -> line.orElse(""))
                .toList();
    }

    private static String gist(String line) {
        return line.replace(", taken at:", "").replace("Call trace:", "").strip();
    }
}
