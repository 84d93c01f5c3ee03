package kemu.litmus.trace;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kemu.hw.cache.CpuBuffers;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Order;
import kemu.kernel.task.KernelCore;
import kemu.litmus.path.Cookies;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.Path;
import kemu.litmus.path.SharedMemory;
import kemu.litmus.path.Sym;

/**
 * Emulated CPUs that execute one way through each process, an access at a time, through their store buffers and
 * invalidate queues. A grace period is one full barrier on every CPU at a moment when it is outside of RCU readers,
 * which is how the kernel's expedited grace periods work.
 *
 * <p>What can be done next is a number: its kind, the CPU, and an index.
 */
final class BufferMachine implements AutoCloseable {
    /** A process executes its next event. */
    static final int GO = 0;
    /** A buffered store becomes visible. */
    static final int DRAIN = 1;
    /** An old value goes away. */
    static final int DELIVER = 2;
    /** A CPU outside of readers executes the barrier that a grace period waits for. */
    static final int QUIESCENT = 3;

    /** Of a read that {@link #source} has nothing to say about. */
    static final String FROM_MEMORY = "";
    /** Of a read that sees its CPU's own store before others do. */
    static final String FROM_OWN_STORE = ", from its own store buffer";

    static final int INDEXES = 1 << 12;
    static final int CPUS = 64;

    /** Words lie so far apart that no address is taken for a part of the object at another. */
    private static final long APART = 1 << 14;

    private static final int WIDTH = 8;

    private final boolean buffered;
    private final SharedMemory scene;
    private final EmuMachine machine;
    private final long base;
    private final List<Path> paths;
    private final int[] readBase;
    private final int[] at;
    private final long[] values;
    private final int[] nesting;
    private final List<Long> cookies = new ArrayList<>();
    /** While a process waits for a grace period: CPUs that have not been quiescent, or -1. */
    private final long[] waitsFor;
    /** While a process waits for a grace period of SRCU: readers that began before. */
    private final List<List<Long>> readers = new ArrayList<>();

    /**
     * A machine under {@code model} for ways of processes in {@code scene}; {@link #start} puts it at the beginning.
     */
    BufferMachine(MemoryModel model, SharedMemory scene, List<Path> paths) {
        this.buffered = model.buffers();
        this.scene = scene;
        this.paths = paths;
        // Sequential consistency is a store buffer that is emptied after every store.
        MemoryModel under = buffered ? model : MemoryModel.TSO;
        long bytes = 1 << 20;
        while (bytes < (scene.size() + 8) * APART * 2) {
            bytes *= 2;
        }
        machine = KernelCore.bootEmulated(
                MachineConfig.of(bytes, Math.max(2, paths.size())).withModel(under));
        base = machine.bootAllocator().allocate(machine.bootCpu(), (int) (APART * scene.size()), (int) APART, "litmus");
        readBase = new int[paths.size()];
        int reads = 0;
        for (int p = 0; p < paths.size(); p++) {
            readBase[p] = reads;
            reads += paths.get(p).reads();
            readers.add(new ArrayList<>());
        }
        values = new long[reads];
        at = new int[paths.size()];
        nesting = new int[paths.size()];
        waitsFor = new long[paths.size()];
    }

    /** Puts everything back to the beginning. */
    void start() {
        machine.dropBuffers();
        Cpu boot = machine.bootCpu();
        for (int i = 0; i < scene.size(); i++) {
            boot.write64(base + APART * i, out(scene.initial(i)));
        }
        Arrays.fill(at, 0);
        Arrays.fill(values, Sym.UNKNOWN);
        Arrays.fill(nesting, 0);
        Arrays.fill(waitsFor, -1);
        readers.forEach(List::clear);
        cookies.clear();
        machine.bufferAccesses();
    }

    private CpuBuffers buffers(int process) {
        return machine.cpu(process).path().buffers();
    }

    private long address(long value) {
        return base + APART * scene.at(value);
    }

    /** As it is in emulated memory, where pointers are emulated addresses. */
    private long out(long value) {
        return scene.at(value) >= 0 ? address(value) : value;
    }

    private long in(long word) {
        long place = word - base;
        boolean pointer = place >= 0 && place < APART * scene.size() && place % APART == 0;
        return pointer ? scene.addressAt((int) (place / APART)) : word;
    }

    private long eval(Sym sym, int process) {
        return sym.eval(values, readBase[process]);
    }

    private MemoryEvent event(int process) {
        List<MemoryEvent> events = paths.get(process).events();
        return at[process] < events.size() ? events.get(at[process]) : null;
    }

    // ---- what can be done -----------------------------------------------------------------------------------------

    /** Numbers of all that can be done next; empty at the end. */
    int[] choices() {
        int[] found = new int[4 * CPUS];
        int count = 0;
        for (int p = 0; p < paths.size(); p++) {
            MemoryEvent event = event(p);
            if (event != null && canGo(p, event)) {
                found[count++] = encode(GO, p, 0);
                int old = staleIndex(p, event);
                if (old >= 0) {
                    found[count++] = encode(DELIVER, p, old);
                }
            }
            for (int k = 0; k < buffers(p).drainable(); k++) {
                found = count + 4 > found.length ? Arrays.copyOf(found, 2 * found.length) : found;
                found[count++] = encode(DRAIN, p, k);
            }
            if (nesting[p] == 0 && awaited(p)) {
                found[count++] = encode(QUIESCENT, p, 0);
            }
        }
        return Arrays.copyOf(found, count);
    }

    private static int encode(int kind, int process, int index) {
        return (kind * CPUS + process) * INDEXES + index;
    }

    static int kind(int choice) {
        return choice / INDEXES / CPUS;
    }

    static int process(int choice) {
        return choice / INDEXES % CPUS;
    }

    private int staleIndex(int p, MemoryEvent event) {
        boolean load = event.kind() == MemoryEvent.Kind.READ && event.partner() < 0 && !event.has(MemoryEvent.ATOMIC);
        return load && !arithmetic(event) ? buffers(p).staleIndex(address(eval(event.address(), p)), WIDTH) : -1;
    }

    /** Whether the address is computed from what was read in a way that the hardware cannot know from the value. */
    private static boolean arithmetic(MemoryEvent event) {
        return event.addr() != 0 && !event.address().isRead();
    }

    private boolean canGo(int p, MemoryEvent event) {
        if (event.has(MemoryEvent.LOCK_READ)) {
            return buffers(p).peek(address(eval(event.address(), p)), WIDTH) == 0;
        }
        boolean waiting = waitsFor[p] >= 0;
        return switch (event.kind()) {
            case SYNC_RCU -> !waiting || waitsFor[p] == 0;
            case SYNC_SRCU -> !waiting || readers.get(p).stream().noneMatch(cookies::contains);
            default -> true;
        };
    }

    private boolean awaited(int p) {
        for (long waits : waitsFor) {
            if (waits > 0 && (waits & 1L << p) != 0) {
                return true;
            }
        }
        return false;
    }

    // ---- doing it -------------------------------------------------------------------------------------------------

    /** Does it. */
    void apply(int choice) {
        int p = process(choice);
        int index = choice % INDEXES;
        switch (kind(choice)) {
            case GO -> go(p, event(p));
            case DRAIN -> buffers(p).drain(index);
            case DELIVER -> buffers(p).deliver(index);
            default -> quiescent(p);
        }
    }

    private void quiescent(int p) {
        buffers(p).fence(Order.FULL);
        for (int i = 0; i < waitsFor.length; i++) {
            waitsFor[i] = waitsFor[i] > 0 ? waitsFor[i] & ~(1L << p) : waitsFor[i];
        }
    }

    private void go(int p, MemoryEvent event) {
        CpuBuffers path = buffers(p);
        switch (event.kind()) {
            case READ -> read(p, event, path);
            case WRITE -> {
                boolean release = event.has(MemoryEvent.RELEASE) || event.has(MemoryEvent.UNLOCK);
                path.store(
                        address(eval(event.address(), p)),
                        WIDTH,
                        out(eval(event.value(), p)),
                        release ? Order.RELEASE : Order.RELAXED);
                if (!buffered) {
                    path.drainAll();
                }
                at[p]++;
            }
            case SYNC_RCU, SYNC_SRCU -> gracePeriod(p, event, path);
            default -> {
                fence(p, event, path);
                at[p]++;
            }
        }
    }

    private void fence(int p, MemoryEvent event, CpuBuffers path) {
        switch (event.kind()) {
            case RMB -> path.fence(Order.ACQUIRE);
            case WMB -> path.fence(Order.RELEASE);
            case BARRIER -> {}
            case RCU_LOCK -> nesting[p]++;
            case RCU_UNLOCK -> nesting[p] = Math.max(0, nesting[p] - 1);
            case SRCU_LOCK -> {
                values[readBase[p] + event.read()] = Cookies.of(p, at[p]);
                cookies.add(Cookies.of(p, at[p]));
                path.fence(Order.FULL);
            }
            case SRCU_UNLOCK -> {
                path.fence(Order.FULL);
                cookies.remove((Long) eval(event.value(), p));
            }
            default -> path.fence(Order.FULL);
        }
    }

    private void gracePeriod(int p, MemoryEvent event, CpuBuffers path) {
        path.fence(Order.FULL);
        if (waitsFor[p] >= 0) {
            waitsFor[p] = -1;
            readers.get(p).clear();
            at[p]++;
            return;
        }
        waitsFor[p] = 0;
        if (event.kind() == MemoryEvent.Kind.SYNC_SRCU) {
            readers.get(p).addAll(cookies);
            return;
        }
        for (int i = 0; i < paths.size(); i++) {
            // A barrier that finds nothing to do may as well be now.
            boolean nothing =
                    nesting[i] == 0 && buffers(i).isEmpty() && buffers(i).deliverable() == 0;
            waitsFor[p] |= i == p || nothing ? 0 : 1L << i;
        }
    }

    private void read(int p, MemoryEvent event, CpuBuffers path) {
        long address = address(eval(event.address(), p));
        int number = readBase[p] + event.read();
        if (event.partner() >= 0) {
            MemoryEvent write = paths.get(p).events().get(event.partner());
            long seen = path.fresh(address, WIDTH);
            values[number] = in(seen);
            path.cmpxchg(address, WIDTH, seen, out(eval(write.value(), p)), order(event, write));
            at[p] += 2;
            return;
        }
        boolean up = arithmetic(event) || event.has(MemoryEvent.ATOMIC);
        if (event.has(MemoryEvent.ATOMIC) && machine.config().model().atomicsAreFences()) {
            path.drainAll();
        }
        long word = up ? path.fresh(address, WIDTH) : path.load(address, WIDTH);
        if (event.has(MemoryEvent.ACQUIRE)) {
            path.fence(Order.ACQUIRE);
        }
        values[number] = in(word);
        at[p]++;
    }

    private static int order(MemoryEvent read, MemoryEvent write) {
        if (read.has(MemoryEvent.ACQUIRE)) {
            return Order.ACQUIRE;
        }
        return write.has(MemoryEvent.RELEASE) ? Order.RELEASE : Order.RELAXED;
    }

    // ---- looking at it --------------------------------------------------------------------------------------------

    /** Whether all processes are at their end and all stores are visible. */
    boolean atEnd() {
        for (int p = 0; p < paths.size(); p++) {
            if (event(p) != null || !buffers(p).isEmpty()) {
                return false;
            }
        }
        return true;
    }

    /** Values of the reads so far, {@link Sym#UNKNOWN} where there is none yet. */
    long[] values() {
        return values;
    }

    /** What {@code location} holds for everybody. */
    long memory(int location) {
        return in(machine.memoryWord(base + APART * location));
    }

    /** The next event of {@code process}; null at its end. */
    MemoryEvent next(int process) {
        return event(process);
    }

    /** Whether {@code process} is waiting for a grace period. */
    boolean waits(int process) {
        return waitsFor[process] >= 0;
    }

    /** Number of processes. */
    int processes() {
        return paths.size();
    }

    /** Number of locations. */
    int locations() {
        return scene.size();
    }

    /** What the read {@code event} of {@code process} returned. */
    long value(int process, MemoryEvent event) {
        return values[readBase[process] + event.read()];
    }

    /** Location of the next event of {@code process}, an access. */
    int nextLocation(int process) {
        return scene.at(eval(event(process).address(), process));
    }

    /** In words, where the next event of {@code process} would read from. */
    String source(int process) {
        MemoryEvent event = event(process);
        if (event.kind() != MemoryEvent.Kind.READ || event.partner() >= 0) {
            return FROM_MEMORY;
        }
        long address = address(eval(event.address(), process));
        if (staleIndex(process, event) >= 0) {
            return ", an old value";
        }
        CpuBuffers path = buffers(process);
        for (int i = 0; i < path.storeCount(); i++) {
            if (path.storeAddress(i) == address) {
                return FROM_OWN_STORE;
            }
        }
        return FROM_MEMORY;
    }

    /** What {@code choice}, a drain or a delivery, is about: its location and value. */
    long[] about(int choice) {
        CpuBuffers path = buffers(process(choice));
        int index = choice % INDEXES;
        long address = kind(choice) == DRAIN ? path.drainTarget(index) : path.deliverTarget(index);
        int location = (int) ((address - base) / APART);
        long value = path.deliverable() > index ? path.deliverValue(index) : 0;
        if (kind(choice) == DRAIN) {
            for (int i = path.storeCount() - 1; i >= 0; i--) {
                value = path.storeAddress(i) == address ? path.storeValue(i) : value;
            }
        }
        return new long[] {location, in(value)};
    }

    /** Buffered stores of {@code process}, oldest first, as pairs of location and value. */
    List<long[]> stores(int process) {
        List<long[]> all = new ArrayList<>();
        CpuBuffers path = buffers(process);
        for (int i = 0; i < path.storeCount(); i++) {
            all.add(new long[] {(path.storeAddress(i) - base) / APART, in(path.storeValue(i))});
        }
        return all;
    }

    /** Old values in the queue of {@code process} of words that it has yet to read, as pairs of location and value. */
    List<long[]> old(int process) {
        List<long[]> all = new ArrayList<>();
        CpuBuffers path = buffers(process);
        for (int i = 0; i < path.deliverable(); i++) {
            long address = path.deliverTarget(i);
            if (willRead(process, address)) {
                all.add(new long[] {(address - base) / APART, in(path.deliverValue(i))});
            }
        }
        return all;
    }

    private boolean willRead(int process, long address) {
        List<MemoryEvent> events = paths.get(process).events();
        for (MemoryEvent event : events.subList(at[process], events.size())) {
            if (event.kind() == MemoryEvent.Kind.READ) {
                long where = eval(event.address(), process);
                if (where == Sym.UNKNOWN || address(where) == address) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Equal for states from which the same can follow. */
    long stateHash() {
        long hash = 1;
        for (int p = 0; p < paths.size(); p++) {
            hash = mix(hash, at[p] * 64L + nesting[p]);
            hash = mix(hash, waitsFor[p]);
            hash = mix(hash, readers.get(p).hashCode());
            hash = buffers(p).hash(hash);
        }
        for (int i = 0; i < scene.size(); i++) {
            hash = mix(hash, machine.memoryWord(base + APART * i));
        }
        for (long value : values) {
            hash = mix(hash, value);
        }
        return mix(hash, cookies.hashCode());
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * 0x9e3779b97f4a7c15L;
        return mixed ^ mixed >>> 29;
    }

    @Override
    public void close() {
        machine.close();
    }
}
