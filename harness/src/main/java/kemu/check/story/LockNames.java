package kemu.check.story;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.BitLock;
import kemu.kernel.locking.LockClass;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabObjects;
import kemu.mm.types.MmStruct;

/**
 * What locks are called in reports: class and owner, as in {@code anon_vma->lock of 0x20000} or {@code page table lock
 * of mm 0x18000, pfn 0x25}. Reads memory racily; failure path only.
 */
public final class LockNames {
    private static final String PTE_LOCK = "pte_lock";
    private static final int LEVELS = 3;
    private static final int ENTRIES = 512;

    private final Kernel kernel;

    /** Names the locks of {@code kernel}. */
    public LockNames(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * The name of {@code lock}.
     *
     * @param cpu to read memory through
     * @param mode of an {@link Event}, or a kind of {@link LockClass}
     */
    public String of(Cpu cpu, long lock, int mode) {
        String owner = owner(cpu, lock);
        String reading = (mode & Event.READ) != 0 ? " (read)" : "";
        if (Event.kindOf(mode) == LockClass.BIT) {
            return "bit lock of " + owner;
        }
        int word = cpu.readOnce32(lock + LockClass.WORD_OFFSET);
        String type = LockClass.nameOf(word);
        if (type.equals(PTE_LOCK)) {
            return tableLock(cpu, lock) + reading;
        }
        int space = owner.indexOf(' ');
        String struct = space < 0 ? owner : owner.substring(0, space);
        if (type.equals("?") || owner.equals("0x" + Long.toHexString(lock))) {
            return type + " 0x" + Long.toHexString(lock) + reading;
        }
        if (!type.startsWith(struct)) {
            return type + " of " + owner + reading;
        }
        return space < 0 ? type + reading : type + " of" + owner.substring(space) + reading;
    }

    /** As {@link #of}, of what {@link kemu.kernel.context.Task#BLOCKED_ON} holds: bit locks are marked there. */
    public String ofBlockedOn(Cpu cpu, long blockedOn) {
        boolean bit = BitLock.isTagged(blockedOn);
        return of(cpu, blockedOn & -8L, bit ? LockClass.BIT : LockClass.SPIN);
    }

    /** The object, struct page or boot-time variable that {@code lock} lies in. */
    private String owner(Cpu cpu, long lock) {
        String symbol = Machine.of(cpu).memory().symbols().nameOf(lock);
        int end = symbol.length();
        // Locks that no member names are told from each other by where they lie.
        for (String mark : new String[] {"->", " ("}) {
            int at = symbol.indexOf(mark);
            end = at < 0 ? end : Math.min(end, at);
        }
        String owner = symbol.substring(0, end).replace("struct page pfn:", "page pfn 0x");
        if (owner.startsWith("kmem_cache 0x")) {
            long struct = Long.decode(owner.substring(owner.indexOf("0x")).split("\\+")[0]);
            KmemCache cache = kernel.slabs().ofStruct(cpu, struct);
            return cache == null ? owner : "kmem_cache " + cache.name();
        }
        return owner;
    }

    private String tableLock(Cpu cpu, long lock) {
        long page = lock & -Page.LAYOUT.sizeBytes();
        long frame = kernel.pages().frameOf(page);
        String table = "pfn 0x" + Long.toHexString(frame >> PhysMem.PAGE_SHIFT);
        if (kernel.machine() instanceof EmuMachine emu) {
            for (long mm : SlabObjects.of(emu, kernel.slabs(), kernel.mms().mmCache(), true)) {
                if (holds(cpu, MmStruct.PGD.get(cpu, mm), frame, LEVELS)) {
                    return "page table lock of mm 0x" + Long.toHexString(mm) + ", " + table;
                }
            }
        }
        return "page table lock of " + table;
    }

    /** True if a table below {@code table}, which is so many levels above the lowest, is {@code frame}. */
    private static boolean holds(Cpu cpu, long table, long frame, int levels) {
        for (int i = 0; i < ENTRIES && table != Cpu.NULL; i++) {
            long below = cpu.readOnce64(table + (long) i * Long.BYTES);
            if (below == frame || below != Cpu.NULL && levels > 1 && holds(cpu, below, frame, levels - 1)) {
                return true;
            }
        }
        return false;
    }
}
