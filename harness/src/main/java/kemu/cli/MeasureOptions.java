package kemu.cli;

import java.nio.file.Path;
import java.util.List;
import kemu.option.Sizes;
import kemu.option.UsageException;
import kemu.soak.Measured;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a run measures beside counters. */
final class MeasureOptions {
    private static final String ON = "on";
    private static final String OFF = "off";
    private static final long USUAL_MILLIS = 100;
    private static final long LONGEST_MILLIS = 60_000;

    @Option(
            names = "--latencies",
            paramLabel = "on|off",
            description =
                    "how long operations take, in histograms (default on). Without, a run is as fast as the kernel"
                            + " is: what they cost is the difference")
    private String latencies = ON;

    @Option(
            names = "--lock-stat",
            description = "measure how long locks are waited for and held, by class: in the report, run.json,"
                    + " counters.jsonl, report.html and the metrics. It costs the kernel two or three clock"
                    + " readings a lock (default off)")
    private boolean lockStat;

    @Mixin
    private OutputOptions.Perfetto perfetto = new OutputOptions.Perfetto();

    @Option(
            names = "--perfetto-window",
            paramLabel = "T",
            converter = Sizes.Millis.class,
            description = "how much of the end of a run --perfetto writes (default 100ms, at most 1m). Each CPU keeps"
                    + " what it did in a ring of bounded size; the file says from when on it is complete")
    private Long window;

    /** Checks what was given. */
    Measured measured() {
        Path file = perfetto.file();
        if (window != null && file == null) {
            throw new UsageException("--perfetto-window: needs --perfetto");
        }
        long millis = window == null ? USUAL_MILLIS : window;
        if (millis < 1 || millis > LONGEST_MILLIS) {
            throw new UsageException("--perfetto-window: " + millis + " ms (allowed: 1ms..1m)");
        }
        UsageException.requireOneOf("--latencies", latencies, List.of(ON, OFF));
        if (latencies.equals(OFF) && file != null) {
            throw new UsageException("--latencies: off (--perfetto draws operations, which need them)");
        }
        return new Measured(latencies.equals(ON), lockStat, file, file == null ? 0 : millis);
    }
}
