package kemu.soak;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import kemu.hw.cpu.Cpu;
import kemu.latency.IntervalLog;
import kemu.latency.Latencies;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.report.RunReport;
import kemu.results.RunResults;
import kemu.workload.Counts;
import kemu.workload.Workload;

/**
 * Writes a run down while it goes on: {@code latency.hlog} and {@code counters.jsonl} ({@link Cadence}), so that
 * nothing recorded is lost when the run ends badly. A full disk is noted and does not end the run.
 */
final class Reporter implements AutoCloseable {
    private static final long POLL_MILLIS = 200;
    /** How long a run that was asked to end may take for it: its processes exit and its memory is looked through. */
    private static final long PATIENCE_MILLIS = 30_000;

    private final Kernel kernel;
    private final Latencies latencies;
    private final Counts counts;
    private final Progress progress;
    private final JsonFactory json = new JsonFactory();
    private final long startMillis = System.currentTimeMillis();
    private final long startNanos = System.nanoTime();
    private final Workload workload;
    private final long durationMillis;
    private final Runnable onDeadline;
    private final Runnable onPatienceOver;
    private final Thread thread = new Thread(this::loop, "kemu-reporter");
    private final Cadence cadence = new Cadence();
    private IntervalLog log;
    private GrowingFile latencyFile;
    private GrowingFile counterFile;
    private boolean deadlinePassed;
    private volatile long interruptedMillis = -1;
    private boolean patienceOver;
    private long peakUsedPages;
    private volatile boolean finished;
    private volatile Throwable failure; // a RuntimeException or an Error

    /**
     * Reports of the run that {@code config} describes.
     *
     * @param onDeadline run once the duration is over
     * @param onPatienceOver run if the run has not ended half a minute after it was asked to
     */
    Reporter(
            RunConfig config,
            Kernel kernel,
            Latencies latencies,
            Workload workload,
            Counts counts,
            PrintStream progressOut,
            Runnable onDeadline,
            Runnable onPatienceOver)
            throws IOException {
        this.kernel = kernel;
        this.latencies = latencies;
        this.counts = counts;
        this.workload = workload;
        this.durationMillis = config.durationMillis();
        this.onDeadline = onDeadline;
        this.onPatienceOver = onPatienceOver;
        this.progress = new Progress(progressOut, config.workload(), done(0) >= 0);
        if (config.out() != null) {
            latencyFile = new GrowingFile(config.out().resolve(RunResults.LATENCIES));
            counterFile = new GrowingFile(config.out().resolve(RunResults.COUNTERS));
            log = new IntervalLog(latencyFile.stream(), latencies, startMillis);
            // Tells what was asked for where the run is killed before it can report.
            writeLine(out -> writeStart(out, config));
        }
        thread.setDaemon(true);
    }

    private double done(long elapsedMillis) {
        return durationMillis == 0 ? workload.progress() : Math.min(1, (double) elapsedMillis / durationMillis);
    }

    private long elapsedMillis() {
        return (System.nanoTime() - startNanos) / 1_000_000;
    }

    /** The run was asked to end. Any thread. */
    void interrupted() {
        interruptedMillis = elapsedMillis();
    }

    void start() {
        thread.start();
    }

    private void loop() {
        try {
            // Ends when the run does.
            while (!finished) {
                Thread.sleep(POLL_MILLIS);
                long now = elapsedMillis();
                endInTime(now);
                progress.update(counts, done(now), faults(), now);
                sample();
                if (cadence.counters(now)) {
                    counters(now);
                }
                if (cadence.latencies(now, log == null ? 0 : log.bytes())) {
                    latencies(now);
                }
            }
        } catch (InterruptedException stopped) {
            // The run has ended.
        } catch (RuntimeException | Error broken) {
            failure = broken;
            kernel.machine().fail(broken);
        }
    }

    private void endInTime(long now) {
        if (durationMillis != 0 && now >= durationMillis && !deadlinePassed) {
            deadlinePassed = true;
            onDeadline.run();
        }
        if (interruptedMillis >= 0 && now - interruptedMillis >= PATIENCE_MILLIS && !patienceOver) {
            patienceOver = true;
            onPatienceOver.run();
        }
    }

    private long faults() {
        return kernel.vmStat().sum(kernel.machine().bootCpu(), VmStatItem.PGFAULT);
    }

    private void latencies(long now) {
        if (log == null) {
            drainWithoutLog();
            return;
        }
        log.interval(startMillis + now);
        latencyFile.flush();
    }

    private void counters(long now) {
        if (counterFile != null) {
            writeLine(out -> writeCounters(out, now));
            counterFile.flush();
        }
    }

    private void sample() {
        Cpu cpu = kernel.machine().bootCpu();
        peakUsedPages = Math.max(
                peakUsedPages, kernel.pages().totalPages() - kernel.pages().freePageCount(cpu));
    }

    /** Most frames in use at any sample. */
    long peakUsedPages() {
        return peakUsedPages;
    }

    private void drainWithoutLog() {
        org.HdrHistogram.Histogram scratch = Latencies.emptyHistogram();
        for (int tag = 0; tag < latencies.names().size(); tag++) {
            latencies.drain(tag, scratch);
        }
    }

    /** Fields of a line. */
    @FunctionalInterface
    private interface Fields {
        void write(JsonGenerator out) throws IOException;
    }

    private void writeLine(Fields fields) {
        StringWriter line = new StringWriter();
        try (JsonGenerator out = json.createGenerator(line)) {
            out.writeStartObject();
            fields.write(out);
            out.writeEndObject();
            out.flush();
            counterFile.stream().write(line.append('\n').toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible); // both are in memory
        }
    }

    private void writeStart(JsonGenerator out, RunConfig config) throws IOException {
        out.writeNumberField("elapsed_ms", 0);
        out.writeStringField("event", "start");
        out.writeNumberField("schema", RunResults.COUNTERS_SCHEMA);
        out.writeNumberField("time_ms", startMillis);
        RunReport.writeConfiguration(out, "run", RunValues.asked(config));
    }

    private void writeCounters(JsonGenerator out, long now) throws IOException {
        Cpu cpu = kernel.machine().bootCpu();
        out.writeNumberField("elapsed_ms", now);
        out.writeNumberField("processes", counts.processes.sum());
        out.writeNumberField("fork_failures", counts.forkFailures.sum());
        for (VmStatItem item : VmStatItem.values()) {
            out.writeNumberField(item.key(), kernel.vmStat().sum(cpu, item));
        }
        out.writeNumberField(
                "used_pages", kernel.pages().totalPages() - kernel.pages().freePageCount(cpu));
        out.writeNumberField("swap_used_pages", kernel.swap().usedEntries(cpu));
        out.writeNumberField("grace_periods", kernel.rcu().gracePeriods(cpu));
        long waiting = kernel.rcu().callbacksQueued(cpu) - kernel.rcu().callbacksInvoked(cpu);
        out.writeNumberField("rcu_callbacks", Math.max(0, waiting));
        out.writeNumberField("rcu_stalls", kernel.rcu().stalls(cpu));
        out.writeNumberField("host_rss_bytes", HostUsage.rssBytes());
    }

    /** Stops the thread and writes the last interval. The CPUs have stopped. */
    void finish() {
        stopThread();
        progress.close();
        long now = elapsedMillis();
        latencies(now);
        counters(now);
    }

    private void stopThread() {
        finished = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** What ended the reporter itself, or null. */
    Throwable failure() {
        return failure;
    }

    /** Names the files that do not hold all that was recorded. */
    void problems(RunFolder folder, RunReport report) {
        for (GrowingFile file : new GrowingFile[] {latencyFile, counterFile}) {
            if (!file.problem().isEmpty()) {
                folder.notWritten(report, file.path(), file.problem());
            }
        }
    }

    /** Stops the thread, which must not read emulated memory any more, and closes the files. */
    @Override
    public void close() {
        stopThread();
        if (log != null) {
            latencyFile.close();
            counterFile.close();
        }
    }
}
