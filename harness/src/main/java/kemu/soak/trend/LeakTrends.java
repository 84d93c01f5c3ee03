package kemu.soak.trend;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kemu.mm.page.VmStatItem;
import kemu.soak.live.Look;

/**
 * The oracle of what a long run must not do: hold more and more. Objects and pages are compared when no process is
 * there, between two rounds of the workload: what they hold meanwhile is theirs, and a workload without such rests is
 * judged by its end alone. Host memory is compared at all times, without what the emulated memory and the heap take.
 *
 * <p>A level leaks if, after a warm-up, its slope ({@link Slope}) is above zero with a confidence of 99.9 %, over all
 * and in each half; if the second half is not flatter than half of the first; and if it grew by more than a few pieces.
 */
public final class LeakTrends {
    /** How long levels must have been seen, and what growth is none. */
    private record Rule(String unit, double warmUp, double leastSeconds, double leastGrowth, double leastPart) {}

    private static final double SPAN_SECONDS = 1;
    private static final int LEAST_POINTS = 40;
    /** Part of the run that does not count, at least. */
    private static final double WARM_UP_PART = 0.2;

    private static final double HOUR = 3_600;
    private static final double MIB = 1 << 20;

    private static final Rule AT_REST_OBJECTS = new Rule("objects", 0, 120, 20, 0);
    private static final Rule AT_REST_PAGES = new Rule("pages", 0, 120, 20, 0);
    /** The compiler and its caches take ten minutes to come to rest. */
    private static final Rule HOST = new Rule("MiB", 600, 600, 16, 0.05);

    private final double shorter;
    private final Map<String, Levels> objects = new LinkedHashMap<>();
    private final Levels pages;
    private final Levels host;
    private Look firstRest;
    private Look lastRest;
    private long peakUsed;

    /** What was found. */
    public record Found(
            List<String> judged,
            List<String> leaks,
            double objectsPerHour,
            double pagesPerHour,
            double hostMibPerHour) {}

    /** For runs as they are. */
    public LeakTrends() {
        this(1);
    }

    /** All times {@code shorter} times shorter, for tests. */
    public LeakTrends(double shorter) {
        this.shorter = shorter;
        pages = new Levels(SPAN_SECONDS / shorter);
        host = new Levels(SPAN_SECONDS / shorter);
    }

    /** Seconds that must lie between two rests for both to count. */
    public double restSeconds() {
        return 2 * SPAN_SECONDS / shorter;
    }

    /** The kernel without processes, its callbacks invoked. */
    public synchronized void rest(Look look) {
        firstRest = firstRest == null ? look : firstRest;
        lastRest = look;
        double seconds = look.elapsedMillis() / 1e3;
        look.objects()
                .forEach((cache, count) -> objects.computeIfAbsent(cache, name -> new Levels(SPAN_SECONDS / shorter))
                        .add(seconds, count));
        pages.add(seconds, pagesAtRest(look));
    }

    /** Files may keep pages, and slabs empty ones. */
    private static long pagesAtRest(Look look) {
        return look.usedPages() - look.count(VmStatItem.NR_FILE_PAGES) - look.slabPages();
    }

    /**
     * The process that all of this runs in.
     *
     * @param deviceBytes what emulated devices may take of it: blocks are used in turn, so more than is in use
     * @param rssBytes its resident memory; 0 if the host does not tell
     * @param heapBytes what the JVM has of that for its heap
     */
    public synchronized void host(Look look, long deviceBytes, long rssBytes, long heapBytes) {
        peakUsed = Math.max(peakUsed, look.usedPages());
        if (rssBytes != 0) {
            double emulated = peakUsed / 256.0 + deviceBytes / MIB;
            host.add(look.elapsedMillis() / 1e3, (rssBytes - heapBytes) / MIB - emulated);
        }
    }

    /** What more the kernel holds at the last rest than at the first, in words; empty before there are two. */
    public synchronized String soFar() {
        if (firstRest == lastRest) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "at rest %+d objects, %+d pages",
                count(lastRest) - count(firstRest),
                pagesAtRest(lastRest) - pagesAtRest(firstRest));
    }

    private static long count(Look look) {
        return look.objects().values().stream().mapToLong(Long::longValue).sum();
    }

    /** Looks at all levels. */
    public synchronized Found judge() {
        List<String> judged = new ArrayList<>();
        List<String> leaks = new ArrayList<>();
        double all = 0;
        for (var cache : objects.entrySet()) {
            double perHour = judge(cache.getKey(), cache.getValue(), AT_REST_OBJECTS, leaks);
            all += Double.isNaN(perHour) ? 0 : perHour;
            if (!Double.isNaN(perHour) && !judged.contains("objects")) {
                judged.add("objects");
            }
        }
        double pagesPerHour = judge("pages", pages, AT_REST_PAGES, leaks);
        double hostPerHour = judge("host memory", host, HOST, leaks);
        if (!Double.isNaN(pagesPerHour)) {
            judged.add("pages");
        }
        if (!Double.isNaN(hostPerHour)) {
            judged.add("host_memory");
        }
        return new Found(judged, leaks, all, orZero(pagesPerHour), orZero(hostPerHour));
    }

    private static double orZero(double value) {
        return Double.isNaN(value) ? 0 : value;
    }

    /** The slope of {@code levels} per hour, NaN if there are too few; adds a line to {@code leaks} if it is one. */
    private double judge(String what, Levels levels, Rule rule, List<String> leaks) {
        double from = Math.max(WARM_UP_PART * levels.seconds(), rule.warmUp / shorter);
        double[][] points = levels.since(from);
        int n = points[0].length;
        if (n < LEAST_POINTS || points[0][n - 1] - points[0][0] < rule.leastSeconds / shorter) {
            return Double.NaN;
        }
        double seconds = points[0][n - 1] - points[0][0];
        Slope slope = Slope.of(points[0], points[1]);
        Slope first = part(points, 0, n / 2);
        Slope second = part(points, n / 2, n);
        double growth = slope.least() * seconds;
        boolean grows = slope.least() > 0
                && first.least() > 0
                && second.least() > 0
                && second.value() >= first.value() / 2
                && growth > Math.max(rule.leastGrowth, rule.leastPart * points[1][0]);
        if (grows) {
            leaks.add(String.format(
                    Locale.ROOT,
                    "leak: %s grow%s by %.1f %s/h (99.9 %% sure of %.1f to %.1f; Theil-Sen over %d levels in %.0f s,"
                            + " from %.1f to %.1f)",
                    what,
                    what.equals("pages") ? "" : "s",
                    slope.value() * HOUR,
                    rule.unit,
                    slope.least() * HOUR,
                    slope.most() * HOUR,
                    n,
                    seconds,
                    points[1][0],
                    points[1][n - 1]));
        }
        return slope.value() * HOUR;
    }

    private static Slope part(double[][] points, int from, int to) {
        return Slope.of(Arrays.copyOfRange(points[0], from, to), Arrays.copyOfRange(points[1], from, to));
    }
}
