package kemu.report.page;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.results.CounterHistory;
import kemu.results.RunResults;

/**
 * Something that went wrong at a time.
 *
 * @param seconds when, since the begin of the run: the end of the interval in which it happened
 * @param kind what it is one of, in words
 * @param millis how long it took, 0 if that is not known
 * @param what in words
 */
record Mishap(double seconds, String kind, long millis, String what) {
    /** Counters that go up when something goes wrong, and what it is called. */
    private static final Map<String, String> COUNTERS = new LinkedHashMap<>();

    static {
        COUNTERS.put("oom_kill", "killed by the OOM killer");
        COUNTERS.put("rcu_stalls", "stalls of RCU");
        COUNTERS.put("fork_failures", "forks that failed");
    }

    /** Kinds of verdict that end a run at once. */
    private static final List<String> ENDS = List.of("hang", "kernel-bug", "internal-error");

    /** Longer without a record than so many usual intervals is a gap. */
    private static final double GAP = 3;

    private static final double SHORTEST_GAP = 20;

    /** What the counters and the verdict of {@code run} tell, in order of time. */
    static List<Mishap> of(RunResults run) {
        CounterHistory counters = run.counters();
        double[] seconds = counters.seconds();
        List<Mishap> events = new ArrayList<>();
        counters.events()
                .forEach(one ->
                        events.add(new Mishap(one.seconds(), one.kind().replace('_', ' '), one.millis(), words(one))));
        COUNTERS.forEach((name, what) -> {
            if (counters.events().stream().anyMatch(one -> name.startsWith(one.kind()))) {
                return; // told already
            }
            double before = 0;
            double[] values = counters.values(name);
            for (int i = 0; i < values.length; i++) {
                if (values[i] > before) {
                    events.add(new Mishap(seconds[i], what, 0, (long) (values[i] - before) + " " + what));
                }
                before = values[i];
            }
        });
        gaps(seconds, events);
        if (ENDS.contains(run.text("kind"))) {
            String end = "end of the run: " + run.text("kind");
            events.add(new Mishap(run.seconds(), end, 0, end));
        }
        events.sort(Comparator.comparingDouble(Mishap::seconds));
        return events;
    }

    private static String words(CounterHistory.Happened one) {
        String times = one.millis() > 0 ? one.millis() + " ms" : one.count() > 1 ? one.count() + " times" : "";
        return String.join(" ", one.kind().replace('_', ' '), times, one.text()).strip();
    }

    private static void gaps(double[] seconds, List<Mishap> events) {
        double[] spans = new double[Math.max(0, seconds.length - 1)];
        for (int i = 0; i < spans.length; i++) {
            spans[i] = seconds[i + 1] - seconds[i];
        }
        double[] sorted = spans.clone();
        Arrays.sort(sorted);
        double usual = sorted.length == 0 ? 0 : sorted[sorted.length / 2];
        for (int i = 0; i < spans.length; i++) {
            if (spans[i] > Math.max(SHORTEST_GAP, GAP * usual)) {
                long length = Math.round(spans[i]);
                String what = "nothing recorded for " + length + " s: paused, or resumed";
                events.add(new Mishap(seconds[i + 1], "nothing recorded", length * 1000, what));
            }
        }
    }
}
