package kemu.litmus.axiom;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import kemu.litmus.path.Cookies;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.Path;

/** One way through every process: the events of all, and every relation that does not depend on values. */
final class Frame {

    final List<Path> paths;
    /** Whether srcu locks and unlocks read and write their srcu_struct. */
    final boolean srcuAccesses;

    final int size;
    final MemoryEvent[] events;
    final int[] process;
    /** First read number of each process among all reads. */
    final int[] readBase;

    final int reads;
    /** MemoryEvent of each read number. */
    final int[] readEvent;
    /** Other half of a read-modify-write, or -1. */
    final int[] partner;

    private final Map<MemoryEvent.Kind, long[]> ofKind = new EnumMap<>(MemoryEvent.Kind.class);

    final long[] accesses;
    final long[] reading;
    final long[] writing;
    final long[] plain;
    final long[] marked;
    final long[] acquire;
    final long[] release;
    final long[] atomic;
    final long[] lockWrite;
    final long[] lockRead;
    final long[] unlock;
    final long[] ordinaryReads;
    final Rel po;
    final Rel internal;
    final Rel addr;
    final Rel data;
    final Rel ctrl;
    /** From rcu_read_lock to its rcu_read_unlock. */
    final Rel rcuSections;

    boolean unmatchedRcuLock;
    boolean unmatchedRcuUnlock;
    private LkmmFences fences;

    Frame(List<Path> paths, boolean srcuAccesses) {
        this.paths = paths;
        this.srcuAccesses = srcuAccesses;
        int count = 0;
        int readCount = 0;
        for (Path path : paths) {
            count += path.events().size();
            readCount += path.reads();
        }
        size = count;
        reads = readCount;
        events = new MemoryEvent[size];
        process = new int[size];
        partner = new int[size];
        readEvent = new int[reads];
        readBase = new int[paths.size()];
        fill();
        reading = set(this::reads);
        writing = set(this::writes);
        accesses = set(e -> reads(e) || writes(e));
        plain = set(e -> e.isAccess() && e.has(MemoryEvent.PLAIN));
        marked = set(e -> !e.has(MemoryEvent.PLAIN));
        acquire = set(e -> e.has(MemoryEvent.ACQUIRE));
        release = set(e -> e.has(MemoryEvent.RELEASE));
        atomic = set(e -> e.has(MemoryEvent.ATOMIC));
        lockWrite = set(e -> e.has(MemoryEvent.LOCK_WRITE));
        lockRead = set(e -> e.has(MemoryEvent.LOCK_READ));
        unlock = set(e -> e.has(MemoryEvent.UNLOCK));
        ordinaryReads = set(e -> reads(e) && !e.has(MemoryEvent.NORETURN));
        po = new Rel(size);
        internal = new Rel(size);
        addr = new Rel(size);
        data = new Rel(size);
        ctrl = new Rel(size);
        rcuSections = new Rel(size);
        relate();
        matchRcu();
    }

    private void fill() {
        int at = 0;
        int read = 0;
        for (int p = 0; p < paths.size(); p++) {
            readBase[p] = read;
            int first = at;
            for (MemoryEvent event : paths.get(p).events()) {
                events[at] = event;
                process[at] = p;
                partner[at] = event.partner() < 0 ? -1 : first + event.partner();
                if (event.read() >= 0) {
                    readEvent[readBase[p] + event.read()] = at;
                    read++;
                }
                at++;
            }
        }
    }

    private void relate() {
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                if (process[i] == process[j]) {
                    internal.add(i, j);
                    if (i < j) {
                        po.add(i, j);
                    }
                }
            }
            depend(addr, events[i].addr(), i);
            depend(data, events[i].data(), i);
            depend(ctrl, events[i].ctrl(), i);
        }
    }

    private void depend(Rel rel, long on, int event) {
        for (long left = on; left != 0; left &= left - 1) {
            int read = readEvent[readBase[process[event]] + Long.numberOfTrailingZeros(left)];
            if (reads(read)) {
                rel.add(read, event);
            }
        }
    }

    private boolean reads(MemoryEvent e) {
        return e.kind() == MemoryEvent.Kind.READ || srcuAccesses && e.kind() == MemoryEvent.Kind.SRCU_LOCK;
    }

    private boolean writes(MemoryEvent e) {
        return e.kind() == MemoryEvent.Kind.WRITE || srcuAccesses && e.kind() == MemoryEvent.Kind.SRCU_UNLOCK;
    }

    /** Whether {@code event} reads memory. */
    boolean reads(int event) {
        return reads(events[event]);
    }

    /** Whether {@code event} writes memory. */
    boolean writes(int event) {
        return writes(events[event]);
    }

    /** From the read of every read-modify-write that succeeded to its write. */
    Rel readModifyWrites() {
        Rel rmw = new Rel(size);
        for (int i = 0; i < size; i++) {
            if (partner[i] > i) {
                rmw.add(i, partner[i]);
            }
        }
        return rmw;
    }

    /** What the srcu lock {@code event} returns where it reads no memory: a value of its own. */
    long cookie(int event) {
        int first = event;
        while (first > 0 && process[first - 1] == process[event]) {
            first--;
        }
        return Cookies.of(process[event], event - first);
    }

    private void matchRcu() {
        Deque<Integer> open = new ArrayDeque<>();
        for (int i = 0; i < size; i++) {
            if (i > 0 && process[i] != process[i - 1]) {
                unmatchedRcuLock |= !open.isEmpty();
                open.clear();
            }
            if (events[i].kind() == MemoryEvent.Kind.RCU_LOCK) {
                open.push(i);
            } else if (events[i].kind() == MemoryEvent.Kind.RCU_UNLOCK) {
                if (open.isEmpty()) {
                    unmatchedRcuUnlock = true;
                } else {
                    rcuSections.add(open.pop(), i);
                }
            }
        }
        unmatchedRcuLock |= !open.isEmpty();
    }

    private long[] set(Predicate<MemoryEvent> which) {
        long[] set = new long[Rel.words(size)];
        for (int i = 0; i < size; i++) {
            if (which.test(events[i])) {
                Rel.put(set, i);
            }
        }
        return set;
    }

    /** Events of {@code kind}. */
    long[] of(MemoryEvent.Kind kind) {
        return ofKind.computeIfAbsent(kind, k -> set(e -> e.kind() == k));
    }

    /** Whether synchronize_srcu stands in an RCU reader. */
    boolean sleepsInReader() {
        return any(MemoryEvent.Kind.SYNC_SRCU)
                && !rcuSections.and(fence(MemoryEvent.Kind.SYNC_SRCU)).isEmpty();
    }

    /** Whether there is any. */
    boolean any(MemoryEvent.Kind kind) {
        for (long word : of(kind)) {
            if (word != 0) {
                return true;
            }
        }
        return false;
    }

    /** Pairs with a fence of {@code kind} between. */
    Rel fence(MemoryEvent.Kind kind) {
        return any(kind) ? po.to(of(kind)).then(po) : new Rel(size);
    }

    /** Orderings of the kernel's barriers. */
    LkmmFences fences() {
        if (fences == null) {
            fences = new LkmmFences(this);
        }
        return fences;
    }
}
