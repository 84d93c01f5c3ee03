package kemu.hw.sched;

import java.util.Arrays;
import java.util.HashSet;
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

    private final Map<Long, StringBuilder> words = new TreeMap<>();
    private final Map<Long, Set<String>> reads = new TreeMap<>();
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
        long address = lanes.address(lane);
        StringBuilder order = words.computeIfAbsent(address, key -> new StringBuilder());
        Set<String> since = reads.computeIfAbsent(address, key -> new TreeSet<>());
        if (Lanes.writes(lanes.kind(lane))) {
            order.append(since).append(event);
            since.clear();
        } else if (lanes.kind(lane) != Pending.FENCE) {
            since.add(event);
        }
    }

    @Override
    public void end(Lanes lanes) {
        reads.forEach((address, since) -> words.get(address).append(since));
        traces.add(words + Arrays.toString(index));
    }
}
