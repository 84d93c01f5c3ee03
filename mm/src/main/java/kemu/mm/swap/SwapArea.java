package kemu.mm.swap;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.BlockDevice;
import kemu.hw.machine.BootAllocator;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;

/**
 * {@code struct swap_info_struct} of the one area: use counts of its entries ({@code swap_map}), which are free, and
 * the device. Entries are numbered from 1; entry e is block e - 1.
 *
 * <p>An entry is used as long as a pte counts it or the swap cache holds it. Everything is guarded by swap_lock.
 * Source: Linux 2.6.36 mm/swapfile.c. Differences: 32-bit counts, so no continuation pages, and a bitmap for the
 * search.
 */
final class SwapArea {
    /** Bit of a count: the swap cache has a page for the entry, or is about to. */
    static final int SWAP_HAS_CACHE = 1 << 30;
    /**
     * Bit of a count, beside the other one: claimed by who reads the entry past the cache, which has no page for it.
     */
    private static final int PAST_CACHE = 1 << 29;

    private static final int PTES = PAST_CACHE - 1;

    private static final LockClass SWAP_LOCK = LockClass.of("swap_lock");

    private final int entries;
    private final long lock;
    private final long map;
    private final SlotMap slots;
    private final BlockDevice device;

    /** An area of {@code entries} entries, all free. Boot only. */
    SwapArea(Machine machine, int entries) {
        this.entries = entries;
        Cpu boot = machine.bootCpu();
        BootAllocator memory = machine.bootAllocator();
        lock = memory.allocate(boot, 64, 64, "swap_lock");
        SpinLock.init(boot, lock, SWAP_LOCK);
        map = memory.allocate(boot, Integer.BYTES * (entries + 1L), 64, "swap_map");
        slots = new SlotMap(boot, memory.allocate(boot, SlotMap.bytes(entries), 64, "swap slot map"), entries);
        device = entries == 0 ? null : new BlockDevice(machine, entries);
    }

    /** Address of the count of {@code entry}. Written under swap_lock; read once without it. */
    private long count(Cpu cpu, long entry) {
        if (entry < 1 || entry > entries) {
            throw new KernelBug(
                    FailureKind.CORRUPTION,
                    "BUG: swap entry " + entry + " outside an area of " + entries + " on CPU#" + cpu.id());
        }
        return map + Integer.BYTES * entry;
    }

    /** Entries of the area. */
    int entries() {
        return entries;
    }

    /** nr_swap_pages: free entries; racy. */
    long free(Cpu cpu) {
        return slots.free(cpu);
    }

    /** get_swap_page: a free entry, now held by the cache alone; 0 if there is none. */
    long take(Cpu cpu) {
        if (slots.free(cpu) == 0) {
            return 0;
        }
        SpinLock.lock(cpu, lock);
        long entry = slots.take(cpu) + 1L;
        if (entry != 0) {
            cpu.writeOnce32(count(cpu, entry), SWAP_HAS_CACHE);
        }
        SpinLock.unlock(cpu, lock);
        return entry;
    }

    /** swap_duplicate: one more pte holds the entry, which is in use. */
    void duplicate(Cpu cpu, long entry) {
        SpinLock.lock(cpu, lock);
        long at = count(cpu, entry);
        int old = cpu.read32(at);
        if (old == 0) {
            throw unused(cpu, "swap_dup", entry);
        }
        cpu.writeOnce32(at, old + 1);
        SpinLock.unlock(cpu, lock);
    }

    /**
     * swapcache_prepare: claims the right to put a page into the cache for {@code entry}.
     *
     * @return 1 if claimed, 0 if somebody else has it, -1 if the entry is free
     */
    int prepareCache(Cpu cpu, long entry) {
        SpinLock.lock(cpu, lock);
        long at = count(cpu, entry);
        int old = cpu.read32(at);
        int result = old == 0 ? -1 : 0;
        if (old > 0 && (old & SWAP_HAS_CACHE) == 0) {
            cpu.writeOnce32(at, old | SWAP_HAS_CACHE);
            result = 1;
        }
        SpinLock.unlock(cpu, lock);
        return result;
    }

    /** swapcache_prepare by who puts no page into the cache; false if somebody else has claimed it, or it is free. */
    boolean pin(Cpu cpu, long entry) {
        SpinLock.lock(cpu, lock);
        long at = count(cpu, entry);
        int old = cpu.read32(at);
        boolean mine = old > 0 && (old & SWAP_HAS_CACHE) == 0;
        if (mine) {
            cpu.writeOnce32(at, old | SWAP_HAS_CACHE | PAST_CACHE);
        }
        SpinLock.unlock(cpu, lock);
        return mine;
    }

    /** swapcache_clear: undoes {@link #pin}. */
    void unpin(Cpu cpu, long entry) {
        SpinLock.lock(cpu, lock);
        drop(cpu, entry, SWAP_HAS_CACHE | PAST_CACHE);
        SpinLock.unlock(cpu, lock);
    }

    /** True if the entry is claimed by {@link #pin}. One untorn load. */
    boolean isPinned(Cpu cpu, long entry) {
        return (cpu.readOnce32(count(cpu, entry)) & PAST_CACHE) != 0;
    }

    /** swap_free: one pte less. */
    void free(Cpu cpu, long entry) {
        SpinLock.lock(cpu, lock);
        drop(cpu, entry, 1);
        SpinLock.unlock(cpu, lock);
    }

    /** swapcache_free: the cache holds the entry no more. */
    void freeCache(Cpu cpu, long entry) {
        SpinLock.lock(cpu, lock);
        drop(cpu, entry, SWAP_HAS_CACHE);
        SpinLock.unlock(cpu, lock);
    }

    /** swap_entry_free: takes {@code share} off the count and returns the rest. Context: swap_lock. */
    int drop(Cpu cpu, long entry, int share) {
        long at = count(cpu, entry);
        int old = cpu.read32(at);
        boolean held = share == 1 ? (old & PTES) != 0 : (old & ~PTES) == share;
        if (!held) {
            throw unused(cpu, share == 1 ? "swap_free" : "swapcache_free", entry);
        }
        cpu.writeOnce32(at, old - share);
        if (old == share) {
            slots.give(cpu, (int) entry - 1);
        }
        return old - share;
    }

    private static KernelBug unused(Cpu cpu, String where, long entry) {
        return new KernelBug(
                FailureKind.ACCOUNTING,
                "BUG: " + where + ": Unused swap offset entry " + Long.toHexString(entry) + " on CPU#" + cpu.id());
    }

    /** Ptes that hold the entry; exact if the caller excludes changes. One untorn load. */
    int swapCount(Cpu cpu, long entry) {
        return cpu.readOnce32(count(cpu, entry)) & PTES;
    }

    /** True if only the cache holds the entry. One untorn load. */
    boolean onlyCached(Cpu cpu, long entry) {
        return cpu.readOnce32(count(cpu, entry)) == SWAP_HAS_CACHE;
    }

    /** True if the cache holds the entry. One untorn load. */
    boolean hasCache(Cpu cpu, long entry) {
        return (cpu.readOnce32(count(cpu, entry)) & SWAP_HAS_CACHE) != 0;
    }

    /** Takes swap_lock, for {@link #drop}. */
    void lock(Cpu cpu) {
        SpinLock.lock(cpu, lock);
    }

    /** Drops swap_lock. */
    void unlock(Cpu cpu) {
        SpinLock.unlock(cpu, lock);
    }

    /** Writes {@code frame} to the block of {@code entry}. */
    void write(Cpu cpu, long entry, long frame) {
        device.write(cpu, (int) entry - 1, frame);
    }

    /** Reads the block of {@code entry} into {@code frame}. */
    void read(Cpu cpu, long entry, long frame) {
        device.read(cpu, (int) entry - 1, frame);
    }
}
