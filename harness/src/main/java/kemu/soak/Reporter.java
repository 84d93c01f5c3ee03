package kemu.soak;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.Optional;
import kemu.hw.cpu.Cpu;
import kemu.latency.IntervalLog;
import kemu.latency.Latencies;
import kemu.mm.Kernel;
import kemu.mm.page.VmStat;
import kemu.report.TimeSeries;
import kemu.workload.Counts;
import kemu.workload.Workload;

/**
 * Writes a run down while it goes on: {@code latency.hlog} and {@code counters.jsonl} every ten seconds, each line
 * flushed, so that nothing recorded is lost when the run ends badly. A full disk is noted once and does not end the
 * run.
 */
final class Reporter implements AutoCloseable {
    private static final long POLL_MILLIS = 200;
    private static final long INTERVAL_MILLIS = 10_000;

    private final Kernel kernel;
    private final Latencies latencies;
    private final Counts counts;
    private final Progress progress;
    private final JsonFactory json = new JsonFactory();
    private final long startMillis = System.currentTimeMillis();
    private final Thread thread = new Thread(this::loop, "kemu-reporter");
    private final TimeSeries series =
            new TimeSeries("time", "processes", "free", "anon", "file", "swap", "faults/1000", "pswpin", "pswpout");
    private IntervalLog log;
    private Writer counters;
    private long deadlineMillis;
    private Runnable onDeadline;
    private long peakUsedPages;
    private volatile boolean finished;
    private volatile String problem;

    Reporter(
            RunConfig config,
            Kernel kernel,
            Latencies latencies,
            Workload workload,
            Counts counts,
            PrintStream progressOut)
            throws IOException {
        this.kernel = kernel;
        this.latencies = latencies;
        this.counts = counts;
        this.progress = new Progress(progressOut, workload);
        if (config.out() != null) {
            Files.createDirectories(config.out());
            log = new IntervalLog(config.out().resolve("latency.hlog"), latencies, startMillis);
            counters = Files.newBufferedWriter(config.out().resolve("counters.jsonl"), StandardCharsets.UTF_8);
        }
        thread.setDaemon(true);
    }

    void deadline(long afterMillis, Runnable action) {
        deadlineMillis = afterMillis == 0 ? 0 : startMillis + afterMillis;
        onDeadline = action;
    }

    void start() {
        thread.start();
    }

    private void loop() {
        long nextInterval = startMillis + INTERVAL_MILLIS;
        while (!finished) {
            try {
                Thread.sleep(POLL_MILLIS);
            } catch (InterruptedException stopped) {
                return;
            }
            long now = System.currentTimeMillis();
            if (deadlineMillis != 0 && now >= deadlineMillis) {
                deadlineMillis = 0;
                onDeadline.run();
            }
            progress.update(counts, now - startMillis);
            sample(now);
            if (now >= nextInterval) {
                nextInterval = now + INTERVAL_MILLIS;
                interval(now);
            }
        }
    }

    private void interval(long now) {
        if (log == null) {
            drainWithoutLog();
            return;
        }
        try {
            if (!log.interval(now)) {
                throw new IOException("latency.hlog cannot be written (disk full?)");
            }
            writeCounters(now);
        } catch (IOException full) {
            if (problem == null) {
                problem = "report files are incomplete: " + full.getMessage();
            }
        }
    }

    private void sample(long now) {
        Cpu cpu = kernel.machine().bootCpu();
        VmStat stat = kernel.vmStat();
        peakUsedPages = Math.max(
                peakUsedPages, kernel.pages().totalPages() - kernel.pages().freePageCount(cpu));
        series.add(
                (now - startMillis) / 1e3,
                counts.processes.sum(),
                mebibytes(kernel.pages().freePageCount(cpu)),
                mebibytes(stat.sum(cpu, VmStat.NR_ANON_PAGES)),
                mebibytes(stat.sum(cpu, VmStat.NR_FILE_PAGES)),
                mebibytes(kernel.swap().usedEntries(cpu)),
                stat.sum(cpu, VmStat.PGFAULT) / 1e3,
                stat.sum(cpu, VmStat.PSWPIN),
                stat.sum(cpu, VmStat.PSWPOUT));
    }

    private static double mebibytes(long pages) {
        return pages / 256.0;
    }

    /** Most frames in use at any sample. */
    long peakUsedPages() {
        return peakUsedPages;
    }

    /** What the run looked like over time. */
    TimeSeries series() {
        return series;
    }

    private void drainWithoutLog() {
        org.HdrHistogram.Histogram scratch = Latencies.emptyHistogram();
        for (int tag = 0; tag < latencies.names().size(); tag++) {
            latencies.drain(tag, scratch);
        }
    }

    private void writeCounters(long now) throws IOException {
        Cpu cpu = kernel.machine().bootCpu();
        java.io.StringWriter line = new java.io.StringWriter();
        try (JsonGenerator out = json.createGenerator(line)) {
            out.writeStartObject();
            out.writeNumberField("elapsed_ms", now - startMillis);
            out.writeNumberField("processes", counts.processes.sum());
            String[] names = VmStat.names();
            for (int i = 0; i < names.length; i++) {
                out.writeNumberField(names[i], kernel.vmStat().sum(cpu, i));
            }
            out.writeEndObject();
        }
        counters.write(line.append('\n').toString());
        counters.flush();
    }

    /** Stops the thread and writes the last interval. The CPUs have stopped. */
    void finish() {
        stopThread();
        interval(System.currentTimeMillis());
        progress.close();
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

    /** What went wrong with writing, if anything did. */
    Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Stops the thread, which must not read emulated memory any more, and closes the files. */
    @Override
    public void close() {
        stopThread();
        if (log != null) {
            log.close();
            try {
                counters.close();
            } catch (IOException full) {
                problem = problem == null ? full.getMessage() : problem;
            }
        }
    }
}
