package kemu.trace.plan;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.trace.model.Op;
import kemu.trace.model.ProgramBuilder;

/**
 * Chooses pages to access at one place of a program and emits the ops. Every page of a TOUCH op is one fault; RETOUCH
 * ops go to pages that are present, about one page for every four touched.
 */
final class Toucher {
    private static final int UNTOUCHED = 1 << PageState.UNTOUCHED;
    private static final int WRITE_FAULTS = 1 << PageState.COW | 1 << PageState.READ | 1 << PageState.MAYBE;
    private static final int READABLE =
            1 << PageState.READ | 1 << PageState.WRITTEN | 1 << PageState.COW | 1 << PageState.PRESENT;
    private static final int WRITTEN = 1 << PageState.WRITTEN;
    private static final int PAGES_PER_RETOUCH = 4;
    private static final int REMEMBERED = 16;
    private static final int READ_FIRST_EVERY = 8;
    private static final int READ_FIRST_PAGES = 32;
    private static final int WALK_VMAS = 8;
    private static final int WALK_PAGES = 32;

    /** What a pick may take. */
    private enum Pool {
        /** Private writable pages whose first write is a fault although they may be present. */
        BREAK,
        /** Private writable pages never accessed. */
        FRESH,
        /** Pages of files never accessed, to be read. */
        FILE
    }

    private final boolean readFirst;
    private final long[] ringPage = new long[REMEMBERED];
    private final int[] ringCount = new int[REMEMBERED];
    private MmModel space;
    private ProgramBuilder out;
    private int turn;
    private int remembered;
    private int debt;

    /** {@code readFirst}: every private writable page is read before it is written, which makes two faults of it. */
    Toucher(boolean readFirst) {
        this.readFirst = readFirst;
    }

    /** Accesses up to {@code want} pages that fault; returns how many there were. */
    int touch(MmModel mm, ProgramBuilder program, int want) {
        space = mm;
        out = program;
        int done = pick(Pool.BREAK, (want + 1) / 2);
        int rest = want - done;
        done += pick(Pool.FRESH, rest - rest / 4);
        done += pick(Pool.FILE, rest / 4);
        for (Pool pool : Pool.values()) {
            done += pick(pool, want - done);
        }
        for (int again = -1; again != done && done < want; ) {
            again = done;
            done += pick(Pool.FRESH, want - done);
            done += pick(Pool.BREAK, want - done);
        }
        debt += done;
        if (debt >= PAGES_PER_RETOUCH) {
            retouch(debt / PAGES_PER_RETOUCH);
        }
        return done;
    }

    /** Before exec or exit: reads a sample of what is present in up to eight mappings. */
    void walk(MmModel mm, ProgramBuilder program) {
        int present = 0;
        for (Vma v : mm.vmas()) {
            present += sampled(v) ? 1 : 0;
        }
        int stride = Math.max(1, present / WALK_VMAS);
        int k = 0;
        for (Vma v : mm.vmas()) {
            if (sampled(v) && k++ % stride == 0) {
                int at = v.find(READABLE);
                emit(program, Op.RETOUCH_READ, v, at, v.run(at, WALK_PAGES, READABLE));
            }
        }
    }

    private static boolean sampled(Vma v) {
        return !v.untouchable() && v.readable() && v.countAny(READABLE) > 0;
    }

    private int pick(Pool pool, int want) {
        int done = 0;
        while (done < want) {
            Vma v = candidate(pool);
            if (v == null) {
                break;
            }
            turn++;
            int mask = pool == Pool.BREAK ? WRITE_FAULTS : UNTOUCHED;
            boolean read = pool == Pool.FILE
                    || pool == Pool.FRESH && v.readable() && (readFirst || turn % READ_FIRST_EVERY == 0);
            int limit = read && pool == Pool.FRESH && !readFirst ? READ_FIRST_PAGES : want - done;
            int at = v.find(mask);
            int n = v.run(at, Math.min(limit, want - done), mask);
            int low = emit(out, read ? Op.TOUCH_READ : Op.TOUCH_WRITE, v, at, n);
            for (int i = low; i < low + n; i++) {
                v.setState(i, read ? PageState.READ : PageState.WRITTEN);
            }
            int slot = remembered++ % REMEMBERED;
            ringPage[slot] = v.start + low;
            ringCount[slot] = n;
            done += n;
        }
        return done;
    }

    /** The newest mapping with something to take, every other time the oldest. */
    private Vma candidate(Pool pool) {
        boolean newest = (turn & 1) == 0;
        Vma best = null;
        for (Vma v : space.vmas()) {
            if (eligible(v, pool) && (best == null || newest == v.born > best.born)) {
                best = v;
            }
        }
        return best;
    }

    private static boolean eligible(Vma v, Pool pool) {
        if (v.untouchable()) {
            return false;
        }
        return switch (pool) {
            case BREAK -> v.privateWritable() && v.countAny(WRITE_FAULTS) > 0;
            case FRESH -> v.privateWritable() && v.count(PageState.UNTOUCHED) > 0;
            case FILE -> v.file >= 0 && v.readable() && !v.privateWritable() && v.count(PageState.UNTOUCHED) > 0;
        };
    }

    /** Emits an op for {@code n} pages from {@code at} on (downwards in a stack); returns the lowest index. */
    private static int emit(ProgramBuilder program, byte op, Vma v, int at, int n) {
        int low = v.stack ? at - n + 1 : at;
        program.add(op, 0, (v.start + low) << PAGE_SHIFT, n);
        return low;
    }

    private void retouch(int budget) {
        int known = Math.min(remembered, REMEMBERED);
        for (int tries = 0; tries < known && budget > 0; tries++) {
            int slot = (turn * 7 + tries) % known;
            Vma v = space.at(ringPage[slot]);
            if (v == null || v.untouchable() || !v.readable()) {
                continue;
            }
            int at = (int) (ringPage[slot] - v.start);
            int n = upward(v, at, Math.min(budget, ringCount[slot]), READABLE);
            if (n == 0) {
                continue;
            }
            boolean write = v.privateWritable() && (turn & 1) == 0 && upward(v, at, n, WRITTEN) == n;
            out.add(write ? Op.RETOUCH_WRITE : Op.RETOUCH_READ, 0, ringPage[slot] << PAGE_SHIFT, n);
            budget -= n;
            debt -= n * PAGES_PER_RETOUCH;
        }
        debt = Math.min(debt, PAGES_PER_RETOUCH * REMEMBERED);
    }

    private static int upward(Vma v, int at, int limit, int mask) {
        int n = 0;
        while (n < limit && at + n < v.pages() && (mask >> v.state(at + n) & 1) != 0) {
            n++;
        }
        return n;
    }
}
