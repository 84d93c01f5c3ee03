package kemu.hw.explore.graph;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import kemu.hw.cache.CpuBuffers;
import kemu.hw.cpu.Recorder;
import kemu.hw.explore.Exploration;
import kemu.hw.explore.Lanes;
import kemu.hw.explore.Scheduler;
import kemu.hw.machine.EmuMachine;

/** Every state that a machine can reach, by every step from each: what a reduction is checked against. */
final class EveryState implements Scheduler, Recorder {
    private final EmuMachine machine;
    private final Exploration exploration;
    private final int most;
    private final Deque<int[]> open = new ArrayDeque<>();
    private final Set<Long> met = new HashSet<>();
    private final long[] history;
    private int[] way = new int[0];
    private int given;
    private int steps;

    EveryState(EmuMachine machine, Exploration exploration, int most) {
        this.machine = machine;
        this.exploration = exploration;
        this.most = most;
        history = new long[machine.cpus()];
        open.add(way);
        machine.record(this);
    }

    boolean complete() {
        return met.size() <= most;
    }

    @Override
    public String describe() {
        return "states";
    }

    @Override
    public boolean begin(long execution) {
        Arrays.fill(history, 0);
        int[] next = complete() ? open.pollLast() : null;
        if (next == null) {
            machine.record((Recorder) null);
            return false;
        }
        given = next.length;
        way = Arrays.copyOf(next, Math.max(2 * given, 32));
        steps = 0;
        return true;
    }

    @Override
    public int choose(Lanes lanes, int last) {
        if (steps < given) {
            return way[steps++];
        }
        if (!met.add(state())) {
            return PRUNE;
        }
        int first = PRUNE;
        for (long rest = lanes.enabled(); rest != 0; rest &= rest - 1) {
            int lane = Long.numberOfTrailingZeros(rest);
            if (first == PRUNE) {
                first = lane;
            } else {
                int[] other = Arrays.copyOf(way, steps + 1);
                other[steps] = lane;
                open.addLast(other);
            }
        }
        way = steps == way.length ? Arrays.copyOf(way, 2 * steps) : way;
        way[steps++] = first;
        return first;
    }

    private long state() {
        long hash = exploration.stateHash();
        for (int i = 0; i < history.length; i++) {
            CpuBuffers buffers = machine.cpu(i).path().buffers();
            hash = buffers.hash(mix(hash, history[i]));
        }
        return hash;
    }

    private static long mix(long hash, long value) {
        long mixed = (Long.rotateLeft(hash, 7) ^ value) * 0x9e3779b97f4a7c15L;
        return mixed ^ mixed >>> 29;
    }

    private void note(int cpu, long what, long value) {
        history[cpu] = mix(history[cpu] + what, value);
    }

    @Override
    public void begins(int cpu, long address, int width, boolean write) {
        // Told again when it is done.
    }

    @Override
    public void read(int cpu, long address, int width, boolean marked, long value) {
        note(cpu, address, value);
    }

    @Override
    public void wrote(int cpu, long address, int width, boolean marked, long value) {
        note(cpu, address, value);
    }

    @Override
    public void changed(int cpu, long address, int width, long old, long now, boolean stored) {
        note(cpu, address, old);
    }

    @Override
    public void fence(int cpu, int order) {
        note(cpu, 1, order);
    }

    @Override
    public void drained(int cpu, long address, int width, long old, long value) {
        // A matter of the buffer, which is a part of the state.
    }

    @Override
    public void filled(int cpu, long to, long from) {
        note(cpu, to, from);
    }

    @Override
    public void told(int cpu, int event, long object, long detail) {
        // Follows from the accesses.
    }
}
