package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.rcu.RcuHead;

/**
 * {@code struct rcu_segcblist}: the callbacks of one CPU, a single chain cut into four segments. DONE: the grace period
 * is over; WAIT and NEXT_READY: wait for the grace period in their sequence number; NEXT: not yet assigned to one. A
 * segment is empty if its tail is that of the segment before it; there are no holes: WAIT is empty only if NEXT_READY
 * is.
 *
 * <p>Context: own CPU, interrupts disabled. Source: the structure of Linux 6.1 kernel/rcu/rcu_segcblist.c.
 */
final class SegCbList {
    static final int DONE = 0;
    static final int WAIT = 1;
    static final int NEXT_READY = 2;
    static final int NEXT = 3;
    private static final int SEGMENTS = 4;

    private static final StructLayout.Builder S = StructLayout.struct("rcu_segcblist");
    /** First callback or NULL. */
    static final RefField HEAD = S.ref("head", RcuHead.class);
    /** Per segment, the address of the link word that ends it. */
    static final Embedded TAILS = S.words("tails", SEGMENTS);
    /** Per segment, the number that {@code gp_seq} must reach; meaningless for DONE and NEXT. */
    static final Embedded GP_SEQ = S.words("gp_seq", SEGMENTS);

    static final StructLayout LAYOUT = S.build(8);

    private SegCbList() {}

    static long tail(Cpu cpu, long list, int segment) {
        return cpu.read64(TAILS.of(list) + 8L * segment);
    }

    private static void setTail(Cpu cpu, long list, int segment, long link) {
        cpu.write64(TAILS.of(list) + 8L * segment, link);
    }

    private static long gpSeq(Cpu cpu, long list, int segment) {
        return cpu.read64(GP_SEQ.of(list) + 8L * segment);
    }

    private static void setGpSeq(Cpu cpu, long list, int segment, long seq) {
        cpu.write64(GP_SEQ.of(list) + 8L * segment, seq);
    }

    static void init(Cpu cpu, long list) {
        HEAD.set(cpu, list, Cpu.NULL);
        for (int i = DONE; i <= NEXT; i++) {
            setTail(cpu, list, i, HEAD.of(list));
            setGpSeq(cpu, list, i, 0);
        }
    }

    /** True if {@code segment}, not DONE, holds callbacks. */
    private static boolean holds(Cpu cpu, long list, int segment) {
        return tail(cpu, list, segment) != tail(cpu, list, segment - 1);
    }

    /** True if callbacks are ready to be invoked. */
    static boolean ready(Cpu cpu, long list) {
        return tail(cpu, list, DONE) != HEAD.of(list);
    }

    /** True if callbacks wait for a grace period. */
    static boolean pending(Cpu cpu, long list) {
        return tail(cpu, list, NEXT) != tail(cpu, list, DONE);
    }

    /** True if callbacks are not yet assigned to a grace period. */
    static boolean unassigned(Cpu cpu, long list) {
        return holds(cpu, list, NEXT);
    }

    /** Appends {@code head} to NEXT. */
    static void enqueue(Cpu cpu, long list, long head) {
        RcuHead.NEXT.set(cpu, head, Cpu.NULL);
        cpu.write64(tail(cpu, list, NEXT), head);
        setTail(cpu, list, NEXT, RcuHead.NEXT.of(head));
    }

    /** Appends {@code head} to the last segment that holds callbacks, so that it runs right after them. */
    static void entrain(Cpu cpu, long list, long head) {
        RcuHead.NEXT.set(cpu, head, Cpu.NULL);
        int last = NEXT;
        while (last > DONE && !holds(cpu, list, last)) {
            last--;
        }
        cpu.write64(tail(cpu, list, NEXT), head);
        for (int i = last; i <= NEXT; i++) {
            setTail(cpu, list, i, RcuHead.NEXT.of(head));
        }
    }

    /** Moves to DONE the segments whose grace period is over by {@code seq}. */
    static void advance(Cpu cpu, long list, long seq) {
        int from = WAIT;
        while (from < NEXT && holds(cpu, list, from) && GpSeq.done(seq, gpSeq(cpu, list, from))) {
            from++;
        }
        if (from == WAIT) {
            return;
        }
        long doneTail = tail(cpu, list, from - 1);
        setTail(cpu, list, DONE, doneTail);
        int to = WAIT;
        // What still waits moves up, leaving no hole.
        for (; from < NEXT && holds(cpu, list, from); from++, to++) {
            long seqFrom = gpSeq(cpu, list, from);
            setTail(cpu, list, to, tail(cpu, list, from));
            setGpSeq(cpu, list, to, seqFrom);
        }
        long lastTail = tail(cpu, list, to - 1);
        for (; to < NEXT; to++) {
            setTail(cpu, list, to, lastTail);
        }
    }

    /**
     * Assigns the callbacks in NEXT to the grace period that ends at {@code seq}, together with those that wait for a
     * later one.
     *
     * @return true if anything was assigned, so that the caller must see to it that the grace period happens
     */
    static boolean accelerate(Cpu cpu, long list, long seq) {
        int into = WAIT;
        while (into < NEXT && holds(cpu, list, into) && GpSeq.before(gpSeq(cpu, list, into), seq)) {
            into++;
        }
        long end = tail(cpu, list, NEXT);
        if (into == NEXT || tail(cpu, list, into - 1) == end) {
            return false;
        }
        for (int i = into; i < NEXT; i++) {
            setTail(cpu, list, i, end);
            setGpSeq(cpu, list, i, seq);
        }
        return true;
    }

    /** Takes all of DONE off; the chain ends with NULL. Returns its first callback; DONE must not be empty. */
    static long takeDone(Cpu cpu, long list) {
        long first = HEAD.get(cpu, list);
        long doneTail = tail(cpu, list, DONE);
        HEAD.set(cpu, list, cpu.read64(doneTail));
        cpu.write64(doneTail, Cpu.NULL);
        for (int i = DONE; i <= NEXT; i++) {
            if (tail(cpu, list, i) == doneTail) {
                setTail(cpu, list, i, HEAD.of(list));
            }
        }
        return first;
    }

    /** Puts the chain from {@code first} to the link word at {@code last} back to the front of DONE. */
    static void putBackDone(Cpu cpu, long list, long first, long last) {
        cpu.write64(last, HEAD.get(cpu, list));
        HEAD.set(cpu, list, first);
        for (int i = DONE; i <= NEXT; i++) {
            if (tail(cpu, list, i) == HEAD.of(list)) {
                setTail(cpu, list, i, last);
            }
        }
    }
}
