package kemu.hw.cpu;

import kemu.hw.order.Barriers;
import kemu.hw.order.Order;

/**
 * What kernel code may do to memory, in the vocabulary of the Linux kernel memory model. One object per emulated
 * processor; it is the first parameter of every kernel function, and stays right across preemption and sleep because a
 * task is pinned to its CPU for life.
 *
 * <p>Sealed with exactly two implementations, so that call sites stay at most bimorphic. Addresses are emulated; 0 is
 * NULL. A word is always accessed with one width.
 *
 * <p>Ordering: <b>plain</b> accesses are for the holder of a lock or the owner of an object and order nothing;
 * <b>once</b> accesses are untorn and order nothing but accesses to the same word; <b>acquire/release</b> order one
 * side; read-modify-writes take an {@link Order}. Every acquire, release and fence has a name (see {@link Barriers}).
 * Marked accesses (all but plain) are scheduling points on the emulated CPU.
 */
public sealed interface Cpu permits NativeCpu, EmuCpu {
    /** The null reference. */
    long NULL = 0L;

    /** Number of this CPU, from 0. */
    int id();

    /** What this CPU is plugged into; its machine is {@code Machine.of(cpu)}. */
    Board board();

    /** Address of this CPU's per-CPU area. */
    long area();

    // ---- accesses -------------------------------------------------------------------------------------------------

    /** Plain load of 32 bits. */
    int read32(long address);

    /** Plain store of 32 bits. */
    void write32(long address, int value);

    /** READ_ONCE of 32 bits. */
    int readOnce32(long address);

    /** WRITE_ONCE of 32 bits. */
    void writeOnce32(long address, int value);

    /** smp_load_acquire; {@code order} is a named acquire of {@link Barriers}. */
    int loadAcquire32(long address, int order);

    /** smp_store_release; {@code order} is a named release of {@link Barriers}. */
    void storeRelease32(long address, int value, int order);

    /** Compare and exchange; returns the old value. A failed exchange orders nothing. */
    int cmpxchg32(long address, int expected, int desired, int order);

    /** Exchange; returns the old value. */
    int xchg32(long address, int value, int order);

    /** Adds; returns the old value. */
    int fetchAdd32(long address, int delta, int order);

    /** Bitwise or; returns the old value. */
    int fetchOr32(long address, int bits, int order);

    /** Bitwise and; returns the old value. */
    int fetchAnd32(long address, int bits, int order);

    /** Plain load of 64 bits. */
    long read64(long address);

    /** Plain store of 64 bits. */
    void write64(long address, long value);

    /** READ_ONCE of 64 bits. */
    long readOnce64(long address);

    /** WRITE_ONCE of 64 bits. */
    void writeOnce64(long address, long value);

    /** smp_load_acquire; {@code order} is a named acquire of {@link Barriers}. */
    long loadAcquire64(long address, int order);

    /** smp_store_release; {@code order} is a named release of {@link Barriers}. */
    void storeRelease64(long address, long value, int order);

    /** Compare and exchange; returns the old value. A failed exchange orders nothing. */
    long cmpxchg64(long address, long expected, long desired, int order);

    /** Exchange; returns the old value. */
    long xchg64(long address, long value, int order);

    /** Adds; returns the old value. */
    long fetchAdd64(long address, long delta, int order);

    /** Bitwise or; returns the old value. */
    long fetchOr64(long address, long bits, int order);

    /** Bitwise and; returns the old value. */
    long fetchAnd64(long address, long bits, int order);

    /** rcu_dereference: an untorn load; accesses through the loaded address are ordered after it. */
    long loadDependent64(long address);

    /** Fills the frame at {@code frame} with zero bytes; plain. */
    void clearFrame(long frame);

    /**
     * Copies frame {@code from} to frame {@code to}. The stores are plain, the loads are marked: users may store to the
     * page meanwhile, and a fault that finds its pte changed throws the copy away. One that keeps it tells
     * {@link Event#FRAME_REPLACED}.
     */
    void copyFrame(long to, long from);

    /**
     * memcmp of two frames, word by word as unsigned numbers: below, at or above 0. Each word is loaded untorn, without
     * order; stores that go on meanwhile may be seen or not. Explored, the loads of words that hold something are
     * steps, those of words that are zero are not: tasks of a race must not store to a word that is zero.
     */
    default int compareFrames(long one, long other) {
        return FrameWords.compare((EmuCpu) this, one, other);
    }

    /** A number that is the same for frames with the same contents. As {@link #compareFrames}. */
    default long hashFrame(long frame) {
        return FrameWords.hash((EmuCpu) this, frame);
    }

    // ---- fences ---------------------------------------------------------------------------------------------------

    /** smp_mb: full fence. {@code barrier} is its name in {@link Barriers}. */
    void smpMb(int barrier);

    /** smp_rmb: orders loads before it against loads after it. */
    void smpRmb(int barrier);

    /** smp_wmb: orders stores before it against stores after it. */
    void smpWmb(int barrier);

    /** smp_mb__before_atomic: makes the next unordered atomic a full fence towards what came before. */
    void smpMbBeforeAtomic(int barrier);

    /** smp_mb__after_atomic: makes the previous unordered atomic a full fence towards what follows. */
    void smpMbAfterAtomic(int barrier);

    // ---- waiting --------------------------------------------------------------------------------------------------

    /**
     * One round of a spin loop that waits for anything to change. Serves interrupts if they are enabled; prefer the
     * forms that name the word waited for, so that the explorer can park the CPU.
     */
    void relax();

    /**
     * True if who waits for a word need not look at it first. Where every old value may be seen, a look that fails
     * before a wait says nothing that the wait does not: it would only be one more choice, at every lock.
     */
    default boolean waitsAtOnce() {
        return false;
    }

    /**
     * Waits until {@code (word & mask) == value}; returns the word, loaded with {@code order} (smp_cond_load_acquire).
     * Serves interrupts while it waits, if they are enabled. Never sleeps.
     */
    int condLoadEq32(long address, int mask, int value, int order);

    /** As {@link #condLoadEq32}, until {@code (word & mask) != value}. */
    int condLoadNe32(long address, int mask, int value, int order);

    /** As {@link #condLoadEq32} on a 64-bit word. */
    long condLoadEq64(long address, long mask, long value, int order);

    /** As {@link #condLoadEq64}, until {@code (word & mask) != value}. */
    long condLoadNe64(long address, long mask, long value, int order);

    /** Serves pending interrupts if there are any and they are enabled. Cheap: one load where there are none. */
    void poll();

    /**
     * Ends a stretch of code that interrupts could have struck at any instruction: what became pending in it is served
     * at the latest here. Does nothing where an explorer chooses the moment.
     */
    void endInterruptible();

    // ---- hardware below the kernel's scheduler --------------------------------------------------------------------

    /**
     * Continues {@code next} on this CPU and leaves the calling fiber suspended until another call names it. Only a
     * scheduler calls this.
     */
    void switchTo(Fiber next);

    /** Waits for an interrupt (hlt). Returns at once if one is pending. Only the idle task calls this. */
    void idleWait();

    /** Raises {@code bits} in the pending word of CPU {@code target} and wakes it if it idles. Full barrier. */
    void raise(int target, int bits);

    // ---- instruments ----------------------------------------------------------------------------------------------

    /** A clock for latencies only: host nanoseconds on native, executed steps on the emulated CPU. */
    long clock();

    /** Records one latency under {@code tag} (see {@link Tags}); no-op unless a sink is attached. */
    void record(int tag, long elapsed);

    /**
     * When this CPU came into the {@link Mode} that it is in, by {@link #clock}, for latencies only; now, if it does
     * not account for time.
     */
    default long modeSince() {
        return clock();
    }

    /**
     * Records under {@code tag} the time that has passed since {@code start}. What began with the mode (see
     * {@link #modeSince}) ends with it, or when another task runs: a fault is recorded as it returns to the user, and
     * costs no reading of the clock of its own.
     */
    default void recordSince(int tag, long start) {
        record(tag, clock() - start);
    }

    /**
     * Tells instruments what the kernel does: an {@link Event}, its object and a detail of it. Nothing happens without
     * instruments that listen to it; on native they are few, see {@link NativeWitness}.
     */
    void tell(int event, long object, long detail);

    /**
     * The next access is made to a struct of {@code type}, a number of {@code kemu.hw.layout.StructTypes}; for
     * instruments, as {@link #tell}.
     */
    void expect(int type);

    /** Tells the time accounting that this CPU now runs in {@code mode} (see {@link Mode}). */
    void mode(int mode);
}
