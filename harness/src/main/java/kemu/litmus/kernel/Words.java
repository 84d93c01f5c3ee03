package kemu.litmus.kernel;

import java.util.BitSet;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.Symbols;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.path.SharedMemory;

/**
 * Where the locations of a test lie in emulated memory: one 64-bit word each, or a spinlock, far enough from each other
 * that the hardware takes no pointer to one for a pointer to the next.
 *
 * <p>Local variables hold the test's own addresses. In memory a pointer is the emulated address, so that the hardware
 * sees address dependencies; a tag tells it from a number.
 */
final class Words {
    private static final int LINE = 64;
    private static final int APART = 4096 + 512 + LINE;
    private static final int FEW = 512;
    private static final int TAG = 2;
    private static final LockClass LOCK = LockClass.of("litmus_lock");

    private final SharedMemory scene;
    private final int count;
    private final int stride;
    private final BitSet locks = new BitSet();
    private final BitSet words = new BitSet();
    private final long[] named;
    private long base;

    Words(SharedMemory scene) {
        this.scene = scene;
        count = scene.size();
        stride = count <= FEW ? APART : LINE;
        named = new long[count];
    }

    /** Location number of the test's address {@code address}. */
    int index(long address) {
        int index = scene.at(address);
        if (index < 0 || index >= count) {
            throw new Local.Wild();
        }
        return index;
    }

    /** Notes that location {@code index} is used as a lock. */
    void useAsLock(int index) {
        locks.set(index);
    }

    /** The locations that are used as locks. */
    BitSet locks() {
        return (BitSet) locks.clone();
    }

    /** Notes that location {@code index} is used as a word. */
    void useAsWord(int index) {
        words.set(index);
    }

    /** Bytes needed. */
    long sizeBytes() {
        return (long) count * stride + LINE;
    }

    /** Lays everything out, with the initial values. */
    void place(EmuMachine machine) {
        if (locks.intersects(words)) {
            throw new LitmusException(0, "unsupported by the kernel engine: a lock that is accessed as a word");
        }
        Cpu boot = machine.bootCpu();
        base = machine.bootAllocator().allocate(boot, (int) sizeBytes(), LINE, "litmus");
        machine.memory().symbols().resolver(this::symbolAt);
        for (int i = 0; i < count; i++) {
            if (!locks.get(i)) {
                boot.write64(at(i), toMemory(scene.initial(i)));
            } else if (scene.initial(i) == 0) {
                SpinLock.init(boot, at(i), LOCK);
            } else {
                throw new LitmusException(0, "unsupported by the kernel engine: a lock that is locked at the start");
            }
        }
    }

    /** As the test calls what lies at the emulated address {@code address}; null if it is nothing of the test's. */
    private Symbols.Symbol symbolAt(long address) {
        int index = locationOf(address);
        if (index < 0) {
            return null;
        }
        long offset = address - at(index);
        return new Symbols.Symbol(scene.name(index) + (offset == 0 ? "" : "+0x" + Long.toHexString(offset)), at(index));
    }

    /** Emulated address of location {@code index}. */
    long at(int index) {
        return base + (long) index * stride;
    }

    /** Number of the location that the emulated address {@code address} lies in; -1 for none. */
    int locationOf(long address) {
        long offset = address - base;
        return offset >= 0 && offset < (long) count * stride && offset % stride < LINE ? (int) (offset / stride) : -1;
    }

    /** Emulated address of the word at the test's address {@code address}. */
    long word(long address) {
        int index = index(address);
        if (locks.get(index)) {
            throw new Local.Wild();
        }
        return at(index);
    }

    /** A value as it is stored. */
    long toMemory(long value) {
        if (value >>> Integer.SIZE == 0) {
            // The test's addresses are higher.
            return value;
        }
        int index = scene.at(value);
        if (index < 0 || index >= count) {
            return value;
        }
        named[index] = value;
        return at(index) + TAG;
    }

    /** A stored value as processes know it. */
    long fromMemory(long stored) {
        long offset = stored - TAG - base;
        if (offset < 0 || offset >= (long) count * stride || offset % stride != 0) {
            return stored;
        }
        return named[(int) (offset / stride)];
    }

    /** Value of location {@code index} when all is over. */
    long last(EmuMachine machine, int index) {
        if (locks.get(index)) {
            return SpinLock.isLocked(machine.bootCpu(), at(index)) ? 1 : 0;
        }
        return fromMemory(machine.memoryWord(at(index)));
    }
}
