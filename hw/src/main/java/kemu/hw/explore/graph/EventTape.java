package kemu.hw.explore.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kemu.hw.cpu.Tape;
import kemu.hw.order.Order;

/** The events of one CPU in one execution. */
final class EventTape extends Tape {
    private static final int FIRST = 256;

    private final int cpu;
    private final long interruptWord;
    /** The events of all CPUs, as they happen. */
    private final List<Ev> all;

    private final List<Ev> events = new ArrayList<>();
    private long[] numbers = new long[FIRST];
    private boolean leads;
    private int leader;
    private boolean equal;
    private long mask;
    private long wanted;

    EventTape(int cpu, long interruptWord, List<Ev> all) {
        this.cpu = cpu;
        this.interruptWord = interruptWord;
        this.all = all;
    }

    void clear() {
        events.clear();
        leads = false;
        leader = -1;
    }

    int size() {
        return events.size();
    }

    Ev event(int at) {
        return events.get(at);
    }

    /** Number of store {@code at} in the store buffer. */
    long number(int at) {
        return numbers[at];
    }

    /** The wait of an idle CPU for an interrupt. */
    Ev idling() {
        waits(false, -1, 0);
        return waiting(interruptWord, Integer.BYTES);
    }

    /** The wait at which the CPU stands, as if it had found {@code address}. */
    Ev waiting(long address, int width) {
        int at = events.size();
        return new Ev(cpu, at, at, Ev.AWAIT, address, width, Order.ACQUIRE, false, -1, 0, 0, wanted, mask, equal, 0);
    }

    @Override
    public int next() {
        return events.size();
    }

    @Override
    public void steps() {
        leads = true;
    }

    private void add(int kind, long address, int width, int order, boolean own, int source, long value, long number) {
        add(kind, address, width, order, own, source, 0, 0, 0, value, number);
    }

    private void add(
            int kind,
            long address,
            int width,
            int order,
            boolean own,
            int source,
            int op,
            long operand,
            long expected,
            long value,
            long number) {
        int at = events.size();
        if (leads || kind == Ev.FENCE) {
            leader = at;
            leads = false;
        }
        if (at >= numbers.length) {
            numbers = Arrays.copyOf(numbers, 2 * at);
        }
        numbers[at] = number;
        Ev event = new Ev(
                cpu,
                at,
                leader,
                kind,
                address,
                width,
                Order.kind(order),
                own,
                source,
                op,
                operand,
                kind == Ev.AWAIT ? wanted : expected,
                mask,
                equal,
                Ev.cut(value, width));
        events.add(event);
        all.add(event);
    }

    @Override
    public void load(long address, int width, int order, long value, int source, boolean own) {
        add(Ev.LOAD, address, width, order, own, source, value, 0);
    }

    @Override
    public void store(long address, int width, int order, long value, long number) {
        if (number == 0 && address != interruptWord) {
            // A counter of preemption: no other CPU uses it.
            leads = false;
            return;
        }
        add(Ev.STORE, address, width, order, number == 0, -1, value, number);
    }

    @Override
    public void atomic(long address, int width, int order, int op, long operand, long expected, long old) {
        add(Ev.ATOMIC, address, width, order, address == interruptWord, -1, op, operand, expected, old, 0);
        Ev load = events.getLast();
        if (load.stores(load.value())) {
            events.add(load.part(load.value()));
            all.add(events.getLast());
        }
    }

    @Override
    public void fence(int kind) {
        add(Ev.FENCE, 0, 0, kind, false, -1, 0, 0);
    }

    @Override
    public void waits(boolean untilEqual, long ofMask, long value) {
        equal = untilEqual;
        mask = ofMask;
        wanted = value;
    }

    @Override
    public void awaited(long address, int width, int order, long value) {
        add(Ev.AWAIT, address, width, order, false, -1, value, 0);
    }
}
