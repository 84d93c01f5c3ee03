package kemu.hw.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import kemu.hw.cpu.Pending;

/** Every interleaving of every step, without any reduction: what reductions are checked against. */
final class AllInterleavings implements Scheduler {
    private long[] open = new long[64];
    private int[] chosen = new int[64];
    private int nodes;
    private int depth;
    /** The executions met, each as what does not depend on the order of independent steps. */
    final Set<String> traces = new HashSet<>();

    /** Per word, the writes in their order, and for every read how many of those that matter to it came before. */
    private final Map<Long, List<String>> words = new TreeMap<>();

    private final Map<Long, Set<String>> reads = new TreeMap<>();
    private final Map<String, Integer> lanesOf = new HashMap<>();
    private final int[] index = new int[Lanes.MAX];

    @Override
    public String describe() {
        return "all";
    }

    @Override
    public boolean begin(long execution) {
        depth = 0;
        words.clear();
        reads.clear();
        Arrays.fill(index, 0);
        if (execution == 0) {
            return true;
        }
        while (nodes > 0 && open[nodes - 1] == 0) {
            nodes--;
        }
        if (nodes == 0) {
            return false;
        }
        chosen[nodes - 1] = Long.numberOfTrailingZeros(open[nodes - 1]);
        open[nodes - 1] &= open[nodes - 1] - 1;
        return true;
    }

    @Override
    public boolean exhaustive() {
        return true;
    }

    @Override
    public boolean preempts() {
        return true;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        if (depth == nodes) {
            if (nodes == chosen.length) {
                open = Arrays.copyOf(open, 2 * nodes);
                chosen = Arrays.copyOf(chosen, 2 * nodes);
            }
            chosen[depth] = Long.numberOfTrailingZeros(lanes.enabled());
            open[depth] = lanes.enabled() & lanes.enabled() - 1;
            nodes++;
        }
        note(lanes, chosen[depth]);
        return chosen[depth++];
    }

    private void note(Lanes lanes, int lane) {
        String event = lane + "." + index[lane]++;
        int kind = lanes.kind(lane);
        long address = lanes.address(lane);
        List<String> order = words.computeIfAbsent(address, key -> new ArrayList<>());
        if (Lanes.writes(kind)) {
            order.add(event);
            lanesOf.put(event, lane);
        } else if (kind != Pending.FENCE) {
            long before = order.stream()
                    .filter(write -> !lanes.forwards(lanesOf.get(write), lane, kind))
                    .count();
            reads.computeIfAbsent(address, key -> new TreeSet<>()).add(event + "@" + before);
        }
    }

    @Override
    public void end(Lanes lanes) {
        traces.add(words + " " + reads + Arrays.toString(index));
    }
}
