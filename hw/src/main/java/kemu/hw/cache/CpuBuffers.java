package kemu.hw.cache;

import kemu.hw.cache.model.Fence;
import kemu.hw.mem.TouchedFrames;
import kemu.hw.order.Order;
import org.agrona.UnsafeApi;

/**
 * The memory path of one modelled CPU: loads, stores, atomics and fences through its store buffer and invalidate queue.
 * Memory itself holds what has drained.
 *
 * <p>Orders arrive here with the mutants already applied: a weakened order is {@link Order#RELAXED}.
 */
public final class CpuBuffers {
    private final TouchedFrames mem;
    private final long privateStart;
    private final long privateBytes;
    private final StoreBuffer stores;
    private final InvalidateQueue queue;
    private final LoadedPointers pointers = new LoadedPointers();
    private final boolean reorders;
    private final boolean stale;
    private final boolean dependencies;
    private final boolean atomicsAreFences;
    private final Fence fullFence;
    private final Fence readFence;
    private final Fence writeFence;
    private final Fence afterAcquire;
    private final Fence beforeRelease;
    /** Counts hits and misses if somebody wants to know, else null. */
    private CpuCache cache;

    private Drained told;
    /** The last load returned a value that was no longer in memory. */
    private boolean loadedOld;

    private int turn = -1;
    private boolean everyStore;

    private CpuBuffers[] others = new CpuBuffers[0];
    private long drains;
    private long invalidations;

    /**
     * Empty buffers over {@code mem}. Words in {@code privateBytes} from {@code privateStart} are not buffered: only
     * this CPU uses them.
     */
    public CpuBuffers(MemoryModel model, TouchedFrames mem, long privateStart, long privateBytes) {
        this.mem = mem;
        this.privateStart = privateStart;
        this.privateBytes = privateBytes;
        this.reorders = model.reordersStores();
        this.stale = model.staleLoads();
        this.dependencies = model.dependencies();
        this.atomicsAreFences = model.atomicsAreFences();
        this.fullFence = model.fullFence();
        this.readFence = model.readFence();
        this.writeFence = model.writeFence();
        this.afterAcquire = model.afterAcquire();
        this.beforeRelease = model.beforeRelease();
        this.stores = new StoreBuffer(model);
        this.queue = new InvalidateQueue(model.staleEntries());
    }

    /** Tells these buffers whom they invalidate. Once, when all CPUs exist. */
    public void connect(CpuBuffers[] otherCpus) {
        others = otherCpus;
    }

    /** Counts what every access costs in {@code counted}. Before the machine runs only. */
    public void count(CpuCache counted) {
        cache = counted;
    }

    /** True if a word is not buffered, since only this CPU uses it, except by atomics. */
    public boolean isPrivate(long address) {
        return Long.compareUnsigned(address - privateStart, privateBytes) < 0;
    }

    // ---- loads ----------------------------------------------------------------------------------------------------

    /** A load that orders nothing. */
    public long load(long address, int width) {
        loadedOld = false;
        long host = mem.host(address, width);
        if (cache != null) {
            cache.load(address);
        }
        if (isPrivate(address)) {
            return width == 8 ? UnsafeApi.getLong(null, host) : UnsafeApi.getInt(null, host);
        }
        long granule = Granule.of(address);
        long word = UnsafeApi.getLong(null, host - (address - granule));
        if (queue.mayHold(granule)) {
            word = old(address, granule, Granule.mask(address, width), word);
        }
        if (stores.mayHold(granule)) {
            word = stores.overlay(granule, word);
        }
        if (width == 8 && stale) {
            pointers.note(word, queue.now(), turn);
        }
        return Granule.extract(address, width, word);
    }

    /** {@code word} as it was when the load was executed early, if it still may have been. */
    private long old(long address, long granule, long mask, long word) {
        long source = dependencies ? pointers.lastSourceOf(address) : -1;
        // Ends: every round removes an entry.
        for (int i = queue.find(granule, mask); i >= 0; i = queue.find(granule, mask)) {
            if ((queue.mask(i) & mask) != mask) {
                if (everyStore) {
                    queue.remove(i);
                } else {
                    queue.deliver(granule, mask);
                }
            } else if (dependencies && queue.arrivedBefore(i, source)) {
                queue.remove(i, mask);
            } else {
                loadedOld = true;
                return word & ~mask | queue.value(i) & mask;
            }
        }
        return word;
    }

    /** True if the last load returned a value that another CPU had overwritten by then. */
    public boolean loadedOld() {
        return loadedOld;
    }

    /** A load of {@code order}: relaxed, or an acquire. */
    public long load(long address, int width, int order) {
        long value = load(address, width);
        if (Order.kind(order) != Order.RELAXED) {
            acquired();
        }
        return value;
    }

    /** Everything later comes after everything loaded so far. */
    private void acquired() {
        apply(afterAcquire);
        if (!reorders) {
            return;
        }
        // unlock, then lock: the stores before come before the stores after, as for the kernel's own locks.
        if (everyStore) {
            stores.guard();
        } else if (stores.holdsRelease()) {
            stores.mark();
        }
    }

    /** The word as this CPU has to see it by now: no old value, own stores applied. */
    public long fresh(long address, int width) {
        if (cache != null) {
            cache.load(address);
        }
        queue.deliver(Granule.of(address), Granule.mask(address, width));
        return peek(address, width);
    }

    /** The value that the word will have for this CPU once it sees everything; changes nothing. */
    public long peek(long address, int width) {
        long granule = Granule.of(address);
        long word = UnsafeApi.getLong(null, mem.host(address, width) - (address - granule));
        return Granule.extract(address, width, stores.mayHold(granule) ? stores.overlay(granule, word) : word);
    }

    // ---- stores ---------------------------------------------------------------------------------------------------

    /** A store of {@code order}: relaxed, or a release. */
    public void store(long address, int width, long value, int order) {
        if (isPrivate(address)) {
            put(mem.store(address, width), width, value);
            return;
        }
        mem.host(address, width);
        boolean release = Order.kind(order) != Order.RELAXED;
        if (release) {
            apply(beforeRelease);
        }
        if (stores.isFull()) {
            drainEntry(0);
        }
        stores.push(Granule.of(address), Granule.mask(address, width), Granule.place(address, width, value), release);
    }

    /** Number of stores that have gone through the buffer: that of the last one. */
    public long stored() {
        return stores.taken();
    }

    private static void put(long host, int width, long value) {
        if (width == 8) {
            UnsafeApi.putLong(null, host, value);
        } else {
            UnsafeApi.putInt(null, host, (int) value);
        }
    }

    private void drainEntry(int i) {
        long granule = stores.granule(i);
        long mask = stores.mask(i);
        long value = stores.value(i);
        long number = stores.number(i);
        stores.remove(i);
        drains++;
        long host = mem.store(granule, 8);
        long before = UnsafeApi.getLong(null, host);
        publish(granule, mask, before, before & ~mask | value);
        UnsafeApi.putLong(null, host, before & ~mask | value);
        if (told != null) {
            told.drained(granule, mask, before, before & ~mask | value, number);
        }
    }

    /** From now on {@code listener} is told of every store that becomes visible; null for nobody. */
    public void tellDrains(Drained listener) {
        told = listener;
    }

    /** What a change of memory by this CPU does to the queues. */
    private void publish(long granule, long mask, long before, long after) {
        if (cache != null) {
            cache.store(Granule.address(granule, mask));
        }
        if (stale) {
            queue.deliver(granule, mask);
            if (before != after) {
                for (CpuBuffers other : others) {
                    other.invalidated(granule, mask, before);
                }
            }
        }
    }

    private void invalidated(long granule, long mask, long before) {
        if (!isPrivate(granule)) {
            invalidations++;
            queue.arrive(granule, mask, before);
        }
    }

    // ---- atomics --------------------------------------------------------------------------------------------------

    /** An atomic of {@code order}: {@code op} of {@link Rmw} with {@code operand}; returns the old value. */
    public long rmw(int op, long address, int width, long operand, int order) {
        mem.host(address, width);
        before(address, width, order);
        long host = mem.host(address, width);
        long old = width == 8 ? UnsafeApi.getLong(null, host) : UnsafeApi.getInt(null, host);
        change(address, width, Rmw.apply(op, old, operand));
        after(order);
        return noted(old, width);
    }

    /** A compare-and-exchange of {@code order}; a failed one orders nothing, unless atomics are fences. */
    public long cmpxchg(long address, int width, long expected, long desired, int order) {
        if (!atomicsAreFences) {
            long seen = fresh(address, width);
            if (seen != expected) {
                return noted(seen, width);
            }
        } else {
            mem.host(address, width);
        }
        before(address, width, order);
        long host = mem.host(address, width);
        long old = width == 8 ? UnsafeApi.getLong(null, host) : UnsafeApi.getInt(null, host);
        if (old == expected) {
            change(address, width, desired);
        }
        // Here a failed exchange comes only where atomics are fences: then it is one as well.
        after(order);
        return noted(old, width);
    }

    private void before(long address, int width, int order) {
        if (drainsAll(order)) {
            drainAll();
        } else {
            drainFor(Granule.of(address), Granule.mask(address, width));
        }
    }

    /** Whether an atomic of {@code order} waits until the buffer is empty, and not only its own words. */
    private boolean drainsAll(int order) {
        int kind = Order.kind(order);
        boolean full = atomicsAreFences || kind == Order.FULL;
        return full ? fullFence.drains() : kind == Order.RELEASE;
    }

    private void drainFor(long granule, long mask) {
        // Ends: every round removes an entry.
        for (int i = stores.blocking(granule, mask); i >= 0; i = stores.blocking(granule, mask)) {
            drainEntry(i);
        }
    }

    private void after(int order) {
        int kind = Order.kind(order);
        if (atomicsAreFences || kind == Order.FULL) {
            apply(fullFence);
        } else if (kind == Order.ACQUIRE) {
            acquired();
        }
    }

    private void change(long address, int width, long value) {
        long granule = Granule.of(address);
        long mask = Granule.mask(address, width);
        long host = mem.store(granule, 8);
        long before = UnsafeApi.getLong(null, host);
        long after = before & ~mask | Granule.place(address, width, value);
        publish(granule, mask, before, after);
        UnsafeApi.putLong(null, host, after);
    }

    private long noted(long value, int width) {
        if (width == 8 && stale) {
            pointers.note(value, queue.now(), turn);
        }
        return value;
    }

    // ---- fences ---------------------------------------------------------------------------------------------------

    /** smp_mb for a full {@code kind}, smp_rmb for an acquire, smp_wmb for a release, nothing for a relaxed one. */
    public void fence(int kind) {
        if (kind == Order.FULL) {
            apply(fullFence);
        } else if (kind == Order.ACQUIRE) {
            apply(readFence);
        } else if (kind == Order.RELEASE) {
            apply(writeFence);
        }
    }

    private void apply(Fence fence) {
        if (fence.drains()) {
            drainAll();
        } else if (fence.stores() == Fence.Stores.ORDERED) {
            stores.mark();
        }
        if (fence.delivers()) {
            queue.clear();
        }
    }

    /** True if a fence of {@code kind}, executed now, would make own stores visible. */
    public boolean fenceDrains(int kind) {
        return stores.size() > 0
                && switch (kind) {
                    case Order.FULL -> fullFence.drains();
                    case Order.ACQUIRE -> readFence.drains();
                    case Order.RELEASE -> writeFence.drains();
                    default -> false;
                };
    }

    /** True if a store of {@code order}, executed now, would first make own stores visible. */
    public boolean storeDrains(int order) {
        return stores.size() > 0 && Order.kind(order) != Order.RELAXED && beforeRelease.drains();
    }

    // ---- what a scheduler may choose ------------------------------------------------------------------------------

    /** Number of buffered stores that may become visible next. */
    public int drainable() {
        return stores.drainable();
    }

    /** Number of the store that {@link #drain} {@code k} makes visible, see {@link #stored}. */
    public long drainNumber(int k) {
        return stores.number(stores.drainableIndex(k));
    }

    /** Address of the first byte that {@link #drain} {@code k} writes. */
    public long drainTarget(int k) {
        int i = stores.drainableIndex(k);
        return Granule.address(stores.granule(i), stores.mask(i));
    }

    /** Number of bytes that {@link #drain} {@code k} writes, 4 or 8. */
    public int drainWidth(int k) {
        return stores.mask(stores.drainableIndex(k)) == -1L ? 8 : 4;
    }

    /** Makes one buffered store visible. */
    public void drain(int k) {
        drainEntry(stores.drainableIndex(k));
    }

    /** Makes all stores visible, in order. */
    public void drainAll() {
        while (stores.size() > 0) {
            drainEntry(0);
        }
    }

    /** Makes all stores visible, and lets this CPU see the present value of every word. */
    public void settle() {
        drainAll();
        queue.clear();
    }

    /** Number of words of which this CPU still sees an old value. */
    public int deliverable() {
        return queue.size();
    }

    /** Address of the first byte that {@link #deliver} {@code k} brings up to date. */
    public long deliverTarget(int k) {
        return Granule.address(queue.granule(k), queue.mask(k));
    }

    /** The old value that {@link #deliver} {@code k} takes away; for reports. */
    public long deliverValue(int k) {
        int width = queue.mask(k) == -1L ? 8 : 4;
        return Granule.extract(deliverTarget(k), width, queue.value(k));
    }

    /** Lets this CPU see the present value of one word. */
    public void deliver(int k) {
        queue.remove(k);
    }

    /** The same, for a load that waits to be of {@code width} bytes at {@code address}. */
    public void deliver(int k, long address, int width) {
        queue.remove(k, Granule.mask(address, width));
    }

    /** Changes of memory by other CPUs so far, in the count of {@link #arrival}. */
    public long arrivals() {
        return queue.now();
    }

    /** Number of the change that made the value old which {@link #deliver} {@code k} takes away. */
    public long arrival(int k) {
        return queue.arrival(k);
    }

    /** The CPU takes its step {@code number}; whoever explores counts them. */
    public void turn(int number) {
        turn = number;
    }

    /** The last step in which an address was loaded that {@code address} may be derived from, or -1. */
    public int sourceTurn(long address) {
        return dependencies ? pointers.lastTurnOf(address) : -1;
    }

    /**
     * From now on every store may be seen, and every old value of a word: no store is merged into another, and up to
     * {@code entries} stores wait and old values are kept. An acquire holds back what is stored after it until the
     * releases before it are visible, no longer until all stores before it are. The buffers are empty.
     */
    public void keepAll(int entries) {
        everyStore = true;
        stores.keepAll(entries);
        queue.keepAll(entries);
    }

    /** True after {@link #keepAll}. */
    public boolean keepsAll() {
        return everyStore;
    }

    /** Index for {@link #deliver} of the old value that a load of this word would return, or -1 if it is up to date. */
    public int staleIndex(long address, int width) {
        long granule = Granule.of(address);
        long mask = Granule.mask(address, width);
        if (!queue.mayHold(granule) || isPrivate(address)) {
            return -1;
        }
        int i = queue.find(granule, mask);
        boolean hidden = i >= 0 && stores.mayHold(granule) && (stores.covered(granule) & mask) == mask;
        return hidden ? -1 : i;
    }

    /** True if an atomic of {@code order} on this word, executed now, would first make own stores visible. */
    public boolean rmwDrains(long address, int width, int order) {
        if (drainsAll(order)) {
            return stores.size() > 0;
        }
        return stores.blocking(Granule.of(address), Granule.mask(address, width)) >= 0;
    }

    /** True if a store would first have to make an older one visible. */
    public boolean isFull() {
        return stores.isFull();
    }

    /** True if all stores of this CPU are visible. */
    public boolean isEmpty() {
        return stores.size() == 0;
    }

    /** Forgets everything, own stores included: memory is about to be restored. */
    public void reset() {
        stores.clear();
        queue.reset();
        pointers.reset();
        turn = -1;
    }

    /** Number of buffered stores, oldest first; with {@link #storeAddress} and {@link #storeValue} for reports. */
    public int storeCount() {
        return stores.size();
    }

    /** Address of buffered store {@code i}. */
    public long storeAddress(int i) {
        return Granule.address(stores.granule(i), stores.mask(i));
    }

    /** Value of buffered store {@code i}. */
    public long storeValue(int i) {
        int width = stores.mask(i) == -1L ? 8 : 4;
        return Granule.extract(storeAddress(i), width, stores.value(i));
    }

    /** Mixes what is buffered and queued into {@code hash}. */
    public long hash(long hash) {
        long mixed = stores.hash(hash);
        return queue.size() == 0 ? mixed : pointers.hash(queue.hash(mixed), queue.now());
    }

    /** Stores made visible so far. */
    public long drains() {
        return drains;
    }

    /** Invalidations received so far. */
    public long invalidations() {
        return invalidations;
    }
}
