package kemu.soak;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import kemu.host.GrowingFile;
import kemu.host.HostPauses;
import kemu.host.HostUsage;
import kemu.hw.machine.Hang;
import kemu.hw.mem.KernelBug;
import kemu.latency.IntervalLog;
import kemu.latency.Latencies;
import kemu.locks.LockStat;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.report.RunReport;
import kemu.results.RunResults;
import kemu.soak.live.Earlier;
import kemu.soak.live.Look;
import kemu.soak.live.Watch;
import kemu.soak.trend.LeakTrends;
import kemu.workload.Counts;
import kemu.workload.Workload;

/**
 * Writes a run down while it goes on: {@code latency.hlog} and {@code counters.jsonl} ({@link Cadence}), so that
 * nothing recorded is lost when the run ends badly. A full disk is noted and does not end the run.
 */
final class Reporter implements AutoCloseable {
    private static final long POLL_MILLIS = 200;
    /** How often the host is asked for the memory of this process. */
    private static final long HOST_MILLIS = 1_000;
    /** How long a run that was asked to end may take for it: its processes exit and its memory is looked through. */
    private static final long PATIENCE_MILLIS = 30_000;

    private final Kernel kernel;
    private final Latencies latencies;
    private final Counts counts;
    /** One of the two; the other is null. */
    private final Progress progress;

    private final LiveView view;
    private final HostPauses pauses = new HostPauses();
    private final Watch watch;
    private final LeakTrends trends;
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
    private long gapMillis;
    private long nextHostMillis;
    private long peakUsedPages;
    private boolean deadlinePassed;
    private volatile long interruptedMillis = -1;
    private boolean patienceOver;
    private volatile boolean finished;
    private volatile Throwable failure; // a RuntimeException or an Error

    /**
     * Reports of the run that {@code config} describes.
     *
     * @param lockStat waits and holds of locks, or null
     * @param onDeadline run once the duration is over
     * @param onPatienceOver run if the run has not ended half a minute after it was asked to
     */
    Reporter(
            RunConfig config,
            Kernel kernel,
            Latencies latencies,
            LockStat lockStat,
            Workload workload,
            Counts counts,
            LeakTrends trends,
            Watching watching,
            Earlier earlier,
            PrintStream progressOut,
            Runnable onDeadline,
            Runnable onPatienceOver)
            throws IOException {
        this.kernel = kernel;
        this.latencies = latencies;
        this.counts = counts;
        this.trends = trends;
        this.workload = workload;
        this.durationMillis = config.durationMillis();
        this.onDeadline = onDeadline;
        this.onPatienceOver = onPatienceOver;
        if (config.out() != null) {
            boolean goesOn = earlier.epochs() != 0;
            latencyFile = file(RunResults.LATENCIES, config, goesOn);
            counterFile = file(RunResults.COUNTERS, config, goesOn);
            log = goesOn
                    ? IntervalLog.goingOn(
                            latencyFile.stream(),
                            Files.size(latencyFile.path()),
                            latencies,
                            earlier.firstMillis(),
                            startMillis)
                    : new IntervalLog(latencyFile.stream(), latencies, startMillis);
        }
        long before = earlier.epochs() == 0 ? 0 : Math.max(earlier.lastMillis(), startMillis - earlier.firstMillis());
        watch = new Watch(kernel, counts, latencies, lockStat, pauses, counterFile, before, startNanos);
        if (earlier.epochs() == 0) {
            watch.start(config.workload(), config.arguments(), RunValues.asked(config));
        } else {
            gapMillis = before - earlier.lastMillis();
            watch.resume(gapMillis, earlier.epochs(), config.seed());
        }
        RunMetrics metrics = new RunMetrics(config, watch, latencies, pauses, counts);
        watching.metrics().accept(metrics);
        boolean terminal = Progress.isTerminal(progressOut);
        view = watching.live() ? new LiveView(progressOut, config.workload(), metrics, trends, terminal) : null;
        progress = watching.live() ? null : new Progress(progressOut, config.workload(), done(0) >= 0);
        thread.setDaemon(true);
    }

    private static GrowingFile file(String name, RunConfig config, boolean goesOn) throws IOException {
        Path path = config.out().resolve(name);
        return goesOn ? GrowingFile.goingOn(path) : new GrowingFile(path);
    }

    /** From the last line of the process before to the beginning of this one; 0 if there was none. */
    long gapMillis() {
        return gapMillis;
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
        pauses.start();
        thread.start();
    }

    private void loop() {
        try {
            // Ends when the run does.
            while (!finished) {
                Thread.sleep(POLL_MILLIS);
                long now = elapsedMillis();
                endInTime(now);
                Look look = watch.look(now, false);
                show(look);
                peakUsedPages = Math.max(peakUsedPages, look.usedPages());
                hostMemory(look);
                if (cadence.counters(now)) {
                    watch.interval();
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

    private void show(Look look) {
        double done = done(look.elapsedMillis());
        if (view != null) {
            view.update(look, done);
        } else {
            progress.update(counts, done, look.count(VmStatItem.PGFAULT), look.elapsedMillis());
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

    private void latencies(long now) {
        if (log == null) {
            drainWithoutLog();
            return;
        }
        log.interval(startMillis + now);
        latencyFile.flush();
    }

    private void hostMemory(Look look) {
        if (look.elapsedMillis() >= nextHostMillis) {
            nextHostMillis = look.elapsedMillis() + HOST_MILLIS;
            trends.host(
                    look,
                    kernel.machine().deviceBytes(),
                    HostUsage.rssBytes(),
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getCommitted());
        }
    }

    /** Most frames in use at any look. */
    long peakUsedPages() {
        return peakUsedPages;
    }

    private void drainWithoutLog() {
        org.HdrHistogram.Histogram scratch = Latencies.emptyHistogram();
        for (int tag = 0; tag < latencies.names().size(); tag++) {
            latencies.drain(tag, scratch);
        }
    }

    /** Stops the thread and writes the last interval. The CPUs have stopped, of {@code failure} unless it is null. */
    void finish(Throwable failure) {
        stopThread();
        if (progress != null) {
            progress.close();
        }
        long now = elapsedMillis();
        if (failure instanceof KernelBug) {
            String kind = failure instanceof Hang ? "hang" : "kernel_bug";
            watch.stopped(now, kind, String.valueOf(failure.getMessage()));
        }
        peakUsedPages = Math.max(peakUsedPages, watch.look(now, true).usedPages());
        latencies(now);
        watch.interval();
    }

    /** Pauses of the host so far. */
    HostPauses.Totals pauses() {
        return pauses.totals();
    }

    private void stopThread() {
        finished = true;
        pauses.close();
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
