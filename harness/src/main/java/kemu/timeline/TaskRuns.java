package kemu.timeline;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kemu.hw.cpu.Tags;
import kemu.perfetto.TraceSpan;

/**
 * Which task a CPU ran when, and the operations of each, cut where another task ran. An operation is recorded when it
 * is over, a moment after its time was taken: of two that overlap the one that ended later is the one around.
 */
final class TaskRuns {
    /** Is no operation of a task: it has a track of its own. */
    private static final String GRACE_PERIOD = "grace_period";

    private record Run(int pid, String task, long from, long to) {}

    private static final class Operation {
        private final int tag;
        private final long to;
        private long from;

        private Operation(int tag, long from, long to) {
            this.tag = tag;
            this.from = from;
            this.to = to;
        }
    }

    private final String group;
    private final Clip clip;
    private final List<String> tags = Tags.names();
    private final List<Run> runs = new ArrayList<>();
    private final Map<Integer, List<Run>> byTask = new HashMap<>();
    private final Map<Integer, List<Operation>> operations = new LinkedHashMap<>();
    private final Map<Integer, Deque<Operation>> over = new HashMap<>();
    private long since = Long.MIN_VALUE;

    TaskRuns(String group, Clip clip) {
        this.group = group;
        this.clip = clip;
    }

    /** At {@code time} the CPU went on with another task than {@code pid}, called {@code task}. */
    void switched(long time, int pid, String task) {
        if (time > clip.begin() && time > since) {
            Run run = new Run(pid, task, Math.max(since, clip.begin()), Math.min(time, clip.end()));
            if (run.from < run.to) {
                runs.add(run);
                byTask.computeIfAbsent(pid, none -> new ArrayList<>()).add(run);
            }
        }
        since = time;
    }

    /** The task {@code pid} has done something from {@code from} until {@code to}. In the order in which they end. */
    void operation(int pid, int tag, long from, long to) {
        if (to <= clip.begin() || tags.get(tag).equals(GRACE_PERIOD)) {
            return;
        }
        Operation operation = new Operation(tag, from, to);
        Deque<Operation> before = over.computeIfAbsent(pid, none -> new ArrayDeque<>());
        // Ends with what ended before this one began.
        while (!before.isEmpty() && before.peek().to > operation.from) {
            operation.from = Math.min(operation.from, before.pop().from);
        }
        before.push(operation);
        operations.computeIfAbsent(pid, none -> new ArrayList<>()).add(operation);
    }

    /** All of it: tasks, then operations, the outer ones first. */
    List<TraceSpan> spans() {
        List<TraceSpan> spans = new ArrayList<>();
        for (Run run : runs) {
            clip.add(spans, group, run.from, run.to, run.task, Map.of());
        }
        operations.forEach((pid, all) -> {
            List<Run> of = byTask.getOrDefault(pid, List.of());
            for (Operation operation : all.reversed()) {
                pieces(spans, of, operation);
            }
        });
        return spans;
    }

    private void pieces(List<TraceSpan> spans, List<Run> of, Operation operation) {
        Map<String, String> args =
                Map.of("took", String.format(Locale.ROOT, "%.3f us", (operation.to - operation.from) / 1e3));
        for (int i = firstAfter(of, operation.from); i < of.size() && of.get(i).from < operation.to; i++) {
            long from = Math.max(operation.from, of.get(i).from);
            long to = Math.min(operation.to, of.get(i).to);
            if (from < to) {
                clip.add(spans, group, from, to, tags.get(operation.tag), args);
            }
        }
    }

    /** Number of the first run that ends after {@code time}. */
    private static int firstAfter(List<Run> of, long time) {
        int low = 0;
        int high = of.size();
        while (low < high) {
            int middle = low + high >>> 1;
            if (of.get(middle).to > time) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
