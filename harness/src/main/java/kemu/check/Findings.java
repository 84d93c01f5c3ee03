package kemu.check;

import java.util.List;
import kemu.hw.mem.KernelBug;

/**
 * What instruments find without stopping an execution. The kernel warns and goes on, and what a fault leads to (a hang,
 * say) is worth more than its first sign: so a finding fails only an execution that nothing else has failed.
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
