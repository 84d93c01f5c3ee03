package kemu.mm.fault;

import kemu.hw.cpu.Cpu;

/**
 * How a swap-in that passes the swap cache by keeps the entry it reads from being freed and taken for another page. All
 * faults of a kernel go by the same: those who share an entry share an address space, so that nobody reads through the
 * cache what another one has pinned.
 */
public interface SlotPin {
    /** Pinned: the caller reads the entry, then calls {@link #unpin}. */
    int PINNED = 1;
    /** The entry is not to be had: the caller calls {@link #giveWay} and looks again what its pte is. */
    int BUSY = 0;

    /** True if {@code entry}, which is not in the swap cache, is read past it. Context: mmap_sem. */
    boolean passesBy(Cpu cpu, long entry);

    /** {@link #PINNED} or {@link #BUSY}. */
    int pin(Cpu cpu, long entry);

    /** The page is mapped, or was not needed. */
    void unpin(Cpu cpu, long entry);

    /** What who finds the entry {@link #BUSY} does before it looks again. Context: may sleep. */
    void giveWay(Cpu cpu, long entry);
}
