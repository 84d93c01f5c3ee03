package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.hw.order.Order;
import kemu.kernel.task.Entry;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;
import kemu.mm.huge.HugePages;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pmd;
import kemu.mm.pgtable.Pte;
import kemu.mm.pgtable.Tlb;
import kemu.mm.process.Processes;
import kemu.mm.reclaim.Vmscan;
import kemu.mm.types.MmStruct;

/**
 * What a user-mode instruction does to memory: look into the TLB if there is one, walk the page table, fault, access.
 * The walk takes no lock. While it and the access last, the CPU announces the mm in its area, so that a TLB shootdown
 * can wait for it; between announcement and end the CPU neither waits nor polls. Addresses are of 8-byte words.
 */
public final class UserAccess {
    private static final long OFFSET_MASK = PhysMem.PAGE_SIZE - 1;

    private final Machine machine;
    private final Faults faults;
    private final Vmscan vmscan;
    private final PageAllocator pages;
    private final PageTable pageTable;
    /** Null: there are no huge pages. */
    private final HugePages huge;
    /** Null: every access walks. */
    private final Tlb tlb;

    private final int lastValue;

    /** Boot only. */
    public UserAccess(
            Machine machine, PageTable pageTable, PageAllocator pages, Faults faults, Vmscan vmscan, HugePages huge) {
        this.huge = huge;
        this.pages = pages;
        this.machine = machine;
        this.faults = faults;
        this.vmscan = vmscan;
        this.pageTable = pageTable;
        tlb = pageTable.tlb();
        lastValue = machine.reservePerCpu(Long.BYTES);
    }

    /** The value last loaded by this CPU's task; valid until it gives way. */
    public long lastValue(Cpu cpu) {
        return cpu.read64(cpu.area() + lastValue);
    }

    /** Stores a word of the current mm; 0 or a negative fault code. Context: user mode. */
    public int store64(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long value) {
        // Ends: every round serves a fault, or fails.
        while (true) {
            long word = begin(cpu, mm, address, true);
            if (word != Cpu.NULL) {
                cpu.writeOnce64(word, value);
                tellStored(cpu, mm, address, word, value);
                end(cpu);
                return 0;
            }
            int code = fault(cpu, mm, address, true);
            if (code < 0) {
                return code;
            }
        }
    }

    /**
     * __copy_to_user_inatomic: as {@link #store64} with faults disabled; false if it would take one, then nothing is
     * stored. Context: any.
     */
    public boolean storeInatomic(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long value) {
        long word = begin(cpu, mm, address, true);
        if (word == Cpu.NULL) {
            return false;
        }
        cpu.writeOnce64(word, value);
        tellStored(cpu, mm, address, word, value);
        end(cpu);
        return true;
    }

    /** Loads a word and compares; 0 if equal, 1 if different ({@link #lastValue}), or a negative fault code. */
    public int load64(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long expected) {
        // Ends: every round serves a fault, or fails.
        while (true) {
            long word = begin(cpu, mm, address, false);
            if (word != Cpu.NULL) {
                long value = cpu.readOnce64(word);
                tellLoaded(cpu, mm, address, word, value);
                end(cpu);
                return compare(cpu, value, expected);
            }
            int code = fault(cpu, mm, address, false);
            if (code < 0) {
                return code;
            }
        }
    }

    /**
     * Loads a word, compares it, and stores a new value in the same walk; 0 if it was as expected, 1 if it was not
     * ({@link #lastValue}; nothing is stored), or a negative fault code.
     */
    public int storeChecked(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long expectedOld, long newValue) {
        // Ends: every round serves a fault, or fails.
        while (true) {
            long word = begin(cpu, mm, address, true);
            if (word != Cpu.NULL) {
                long value = cpu.readOnce64(word);
                tellLoaded(cpu, mm, address, word, value);
                if (value == expectedOld) {
                    cpu.writeOnce64(word, newValue);
                    tellStored(cpu, mm, address, word, newValue);
                }
                end(cpu);
                return compare(cpu, value, expectedOld);
            }
            int code = fault(cpu, mm, address, true);
            if (code < 0) {
                return code;
            }
        }
    }

    /**
     * get_user_pages_fast of one page, to write to it by its frame: the page with a reference, or a negative fault
     * code. It takes no lock; who takes the pte away waits in the flush until the reference is there. Context: may
     * sleep.
     *
     * <p>Source: Linux 2.6.36 arch/x86/mm/gup.c, where interrupts are disabled meanwhile.
     */
    public long pin(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        // Ends: every round serves a fault, or fails.
        while (true) {
            long word = begin(cpu, mm, address, true);
            // In the window nobody replaces a PMD by a table.
            if (word != Cpu.NULL && pageTable.findHuge(cpu, mm, address) != Cpu.NULL) {
                end(cpu);
                splitHuge(cpu, mm, address);
                continue;
            }
            if (word != Cpu.NULL) {
                long page = pages.pageOf(word & ~OFFSET_MASK);
                Page.get(cpu, page);
                end(cpu);
                return page;
            }
            int code = fault(cpu, mm, address, true);
            if (code < 0) {
                return code;
            }
        }
    }

    /** FOLL_SPLIT: only small pages are pinned. */
    private void splitHuge(Cpu cpu, long mm, long address) {
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        huge.splitRange(cpu, mm, address, address + 1);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
    }

    /** A workload's touch: {@link #storeChecked} if it writes, {@link #load64} if not. */
    public int touch(Cpu cpu, @Ref(MmStruct.class) long mm, long address, boolean write, long expected, long newValue) {
        return write ? storeChecked(cpu, mm, address, expected, newValue) : load64(cpu, mm, address, expected);
    }

    private static void tellStored(Cpu cpu, long mm, long address, long word, long value) {
        cpu.tell(Event.USER_WORD, word, value);
        cpu.tell(Event.USER_STORED, mm, address);
    }

    private static void tellLoaded(Cpu cpu, long mm, long address, long word, long value) {
        cpu.tell(Event.USER_WORD, word, value);
        cpu.tell(Event.USER_LOADED, mm, address);
    }

    private int compare(Cpu cpu, long value, long expected) {
        cpu.write64(cpu.area() + lastValue, value);
        return value == expected ? 0 : 1;
    }

    /**
     * Opens the window and translates; the physical address of the word, or NULL, window closed: that takes a fault.
     */
    private long begin(Cpu cpu, long mm, long address, boolean write) {
        // Release: a flusher that finds this one finds the end of the one before.
        Area.USER_ACCESS_MM.release(cpu, cpu.area(), mm);
        if (tlb != null) {
            tlb.use(cpu, mm);
        }
        cpu.smpMb(FaultBarriers.USER_ACCESS);
        long pte = tlb == null ? walk(cpu, mm, address, write) : translate(cpu, mm, address, write);
        if (pte != 0) {
            return Pte.frame(pte) + (address & OFFSET_MASK);
        }
        end(cpu);
        return Cpu.NULL;
    }

    /**
     * By the TLB, which may be stale. An entry that forbids the access faults without a look at the pte, and goes; a
     * write by an entry that is not dirty walks, to set the bit.
     */
    private long translate(Cpu cpu, long mm, long address, boolean write) {
        long tag = tlb.tag(cpu, address);
        long entry = tlb.lookup(cpu, address, tag);
        if (entry != 0 && !allows(entry, write)) {
            tlb.drop(cpu, address);
            return 0;
        }
        if (entry != 0 && (!write || (entry & Pte.DIRTY) != 0)) {
            return entry;
        }
        tlb.claim(cpu, address, tag);
        long pte = walk(cpu, mm, address, write);
        if (pte != 0) {
            tlb.fill(cpu, address, pte);
        } else {
            tlb.drop(cpu, address);
        }
        return pte;
    }

    private static boolean allows(long pte, boolean write) {
        return write ? Pte.userWritable(pte) : Pte.userReadable(pte);
    }

    /** Walks the page table and sets the bits of use; the pte with them, or 0 if it does not allow the access. */
    private long walk(Cpu cpu, long mm, long address, boolean write) {
        long pte = pageTable.find(cpu, mm, address);
        if (pte == Cpu.NULL) {
            long pmd = pageTable.findHuge(cpu, mm, address);
            long entry = pmd == Cpu.NULL ? 0 : use(cpu, pmd, write);
            return entry == 0 ? 0 : Pmd.pteAt(entry, address);
        }
        return use(cpu, pte, write);
    }

    /**
     * Sets the bits of use in the pte, or PMD, at {@code pte}; what it is then, or 0 if it does not allow the access.
     */
    private static long use(Cpu cpu, long pte, boolean write) {
        long used = write ? Pte.ACCESSED | Pte.DIRTY : Pte.ACCESSED;
        long seen = cpu.loadDependent64(pte);
        // Ends: a failed exchange means another CPU changed the pte.
        while (allows(seen, write)) {
            if ((seen & used) == used) {
                return seen;
            }
            long old = cpu.cmpxchg64(pte, seen, seen | used, Order.FULL);
            if (old == seen) {
                return seen | used;
            }
            seen = old;
        }
        return 0;
    }

    private static void end(Cpu cpu) {
        Area.USER_ACCESS_MM.release(cpu, cpu.area(), Cpu.NULL);
    }

    /**
     * The exception: into the kernel and back. Out of memory is tried again once the OOM killer found somebody else.
     */
    private int fault(Cpu cpu, long mm, long address, boolean write) {
        Entry.enter(cpu);
        int code = faults.handleMmFault(cpu, mm, address, write, cpu.modeSince());
        if (code == Faults.OOM) {
            code = outOfMemory(cpu);
        }
        Entry.exit(cpu);
        return code;
    }

    /** pagefault_out_of_memory. */
    private int outOfMemory(Cpu cpu) {
        if (Processes.killed(cpu) || !vmscan.outOfMemory(cpu) || Processes.killed(cpu)) {
            return Faults.OOM;
        }
        // The victim needs the CPU to die.
        Sched.of(machine).sleep(cpu, 1);
        return Faults.MINOR;
    }
}
