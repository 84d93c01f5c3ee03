package kemu.litmus.kernel;

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

/**
 * Meets every state that a machine can reach, whatever its memory model, each once: an execution that comes to a state
 * met before is cut short. What a process has in Java follows from what its accesses got so far, so the state is
 * memory, buffers, and a hash of that for every CPU. Depth first, or breadth first for whoever wants the shortest way.
 */
final class StateSearch implements Scheduler, Recorder {
    private static final int FIRST_STEPS = 32;

    private final EmuMachine machine;
    private final Exploration exploration;
    private final boolean shortest;
    private final long most;
    private final Deque<int[]> open = new ArrayDeque<>();
    private final Set<Long> met = new HashSet<>();
    private final long[] history;
    private int[] way = new int[0];
    private int given;
    private int steps;

    /**
     * A search that has not begun.
     *
     * @param shortest true if shorter ways are to be found before longer ones
     * @param most states after which it gives up
     */
    StateSearch(EmuMachine machine, Exploration exploration, boolean shortest, long most) {
        this.exploration = exploration;
        this.shortest = shortest;
        this.most = most;
        this.machine = machine;
        history = new long[machine.cpus()];
        open.add(way);
    }

    @Override
    public String describe() {
        return "states";
    }

    @Override
    public boolean begin(long execution) {
        Arrays.fill(history, 0);
        int[] next = met.size() > most ? null : shortest ? open.pollFirst() : open.pollLast();
        if (next == null) {
            return false;
        }
        given = next.length;
        way = shortest ? next : Arrays.copyOf(next, Math.max(2 * given, FIRST_STEPS));
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
            if (first == PRUNE && !shortest) {
                first = lane;
            } else {
                int[] other = Arrays.copyOf(way, steps + 1);
                other[steps] = lane;
                open.addLast(other);
            }
        }
        return first == PRUNE ? PRUNE : go(first);
    }

    private int go(int lane) {
        way = steps == way.length ? Arrays.copyOf(way, 2 * steps) : way;
        way[steps++] = lane;
        return lane;
    }

    private long state() {
        long hash = exploration.stateHash();
        for (int i = 0; i < history.length; i++) {
            hash = mix(hash, history[i]);
            CpuBuffers buffers = machine.cpu(i).path().buffers();
            // Also where no store waits: old values may.
            hash = buffers == null ? hash : buffers.hash(hash);
        }
        return hash;
    }

    private static long mix(long hash, long value) {
        long mixed = (Long.rotateLeft(hash, 7) ^ value) * 0x9e3779b97f4a7c15L;
        return mixed ^ mixed >>> 29;
    }

    @Override
    public boolean preempts() {
        return false;
    }

    /** The lanes chosen in the last execution. */
    int[] way() {
        return Arrays.copyOf(way, steps);
    }

    /** Whether it has not given up. */
    boolean complete() {
        return met.size() <= most;
    }

    // ---- what accesses get ----------------------------------------------------------------------------------------

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
