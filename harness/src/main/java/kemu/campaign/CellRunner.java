package kemu.campaign;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import kemu.campaign.CellResult.Outcome;
import kemu.host.JvmOptions;
import kemu.host.Parent;
import kemu.host.SafeFiles;
import kemu.host.Stop;

/**
 * Runs one cell in a process of its own, which may throw, hang or take all memory that it is given: whatever it does is
 * told of that cell.
 */
final class CellRunner {
    private static final long SLICE_MILLIS = 50;
    /** How long a process that was told to end may take to write what it has found. */
    private static final long PATIENCE_SECONDS = 10;
    /** What is kept of what a process prints. */
    private static final int MOST_LOG = 4 << 20;

    private static final int BY_SIGNAL = 128;
    private static final List<String> NOT_KEPT = List.of("verb", "verdict", "elapsed_s", "interrupted");

    private final Campaign campaign;
    private final CampaignFolder folder;

    CellRunner(Campaign campaign, CampaignFolder folder) {
        this.campaign = campaign;
        this.folder = folder;
    }

    /** A cell's process was ended from outside: nothing is known of the cell. */
    static final class Lost extends Exception {
        private static final long serialVersionUID = 1L;

        Lost(String how) {
            super(how);
        }
    }

    /** kemu in another process, started as this one was; arguments follow. */
    static List<String> kemu(String heap) {
        return heap == null
                ? JvmOptions.kemu(option -> !Parent.isOption(option))
                : JvmOptions.kemu(option -> !Parent.isOption(option) && !option.startsWith("-Xmx"), "-Xmx" + heap);
    }

    /**
     * Runs {@code cell} and keeps its result; null if this process was told to end meanwhile.
     *
     * @throws Lost if its process was ended by somebody else
     */
    CellResult run(CampaignCell cell) throws Lost, IOException, InterruptedException {
        folder.begin(cell);
        List<String> command = kemu(campaign.heap());
        command.add(1, Parent.option());
        command.addAll(cell.arguments());
        command.addAll(List.of("--out", folder.of(cell).toString()));
        Path log = folder.of(cell).resolve("log.txt");
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        boolean inTime;
        Thread pump = Thread.ofVirtual().start(() -> pump(process.getInputStream(), log));
        try {
            process.getOutputStream().close();
            inTime = await(process);
        } finally {
            end(process);
        }
        pump.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        CellResult result = inTime ? judge(cell, process.exitValue(), log) : late(cell);
        if (result != null) {
            folder.write(cell, result);
        }
        return result;
    }

    private CellResult late(CampaignCell cell) {
        return Stop.requested()
                ? null
                : result(cell, Outcome.ERROR, "did not end within " + seconds(campaign.limitMillis()), Map.of());
    }

    private static String seconds(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }

    /** True if it ends by itself and in time. */
    private boolean await(Process process) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(campaign.limitMillis());
        while (!process.waitFor(SLICE_MILLIS, TimeUnit.MILLISECONDS)) {
            if (Stop.requested() || System.nanoTime() - end > 0) {
                return false;
            }
        }
        return true;
    }

    private static void end(Process process) {
        if (!process.isAlive()) {
            return;
        }
        if (Stop.requested()) {
            // It writes what it has found, as after Ctrl-C; a second signal, of the terminal, ends it at once.
            process.destroy();
            try {
                process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException soon) {
                Thread.currentThread().interrupt();
            }
        }
        process.destroyForcibly();
    }

    /** Writes what a process says to {@code log}, as far as that is kept; the rest is read and dropped. */
    private static void pump(InputStream said, Path log) {
        byte[] bytes = new byte[8192];
        byte[] tail = new byte[0];
        long kept = 0;
        try (OutputStream out = Files.newOutputStream(log)) {
            for (int count = said.read(bytes); count >= 0; count = said.read(bytes)) {
                if (kept < MOST_LOG) {
                    out.write(bytes, 0, count);
                    kept += count;
                } else {
                    tail = last(tail, bytes, count);
                }
            }
            out.write(tail);
        } catch (IOException ended) {
            // The disk is full, or the process was ended: what is there is judged.
            return;
        }
    }

    /** The last bytes of {@code before} and the first {@code count} of {@code bytes}. */
    private static byte[] last(byte[] before, byte[] bytes, int count) {
        int keep = Math.min(before.length, bytes.length);
        byte[] all = new byte[keep + count];
        System.arraycopy(before, before.length - keep, all, 0, keep);
        System.arraycopy(bytes, 0, all, keep, count);
        return all;
    }

    private CellResult judge(CampaignCell cell, int code, Path log) throws Lost, IOException {
        String summary = "";
        String cause = null;
        String complaint = null;
        try (BufferedReader lines = Files.newBufferedReader(log, StandardCharsets.ISO_8859_1)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("SUMMARY ")) {
                    summary = line;
                } else if (line.startsWith("cause: ") || line.startsWith("plugin ")) {
                    cause = utf8(line.replaceFirst("^cause: ", ""));
                } else if (line.startsWith("kemu: ")) {
                    complaint = utf8(line.substring("kemu: ".length()));
                }
            }
        }
        Map<String, String> pairs = pairs(summary);
        String verdict = pairs.getOrDefault("verdict", "");
        boolean told = verdict.equals("FAIL")
                || pairs.getOrDefault("interrupted", "false").equals("false");
        if (code > BY_SIGNAL) {
            throw new Lost("ended by signal " + (code - BY_SIGNAL));
        }
        if (!told) {
            throw new Lost("told to end by a signal");
        }
        pairs.keySet().removeAll(NOT_KEPT);
        return switch (code + verdict) {
            case "0PASS" -> result(cell, Outcome.PASS, null, pairs);
            case "1FAIL" -> result(cell, Outcome.FAIL, cause, pairs);
            case "3UNKNOWN" -> result(cell, Outcome.UNKNOWN, null, pairs);
            default ->
                result(
                        cell,
                        Outcome.ERROR,
                        complaint == null ? "ended with code " + code + " and without a word" : complaint,
                        Map.of());
        };
    }

    private static String utf8(String line) {
        return new String(line.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    }

    private static CellResult result(CampaignCell cell, Outcome verdict, String said, Map<String, String> pairs) {
        return new CellResult(CellResult.ownBuild(), cell.arguments(), verdict, said, pairs);
    }

    private static Map<String, String> pairs(String summary) {
        Map<String, String> pairs = new TreeMap<>();
        for (String word : summary.split(" ")) {
            int equals = word.indexOf('=');
            if (equals > 0) {
                pairs.put(word.substring(0, equals), utf8(word.substring(equals + 1)));
            }
        }
        return pairs;
    }

    /** What the host says against running {@code cell} at all. */
    static String refusal(IOException failed) {
        return "cannot be run: " + SafeFiles.reason(failed);
    }
}
