package kemu.mm.khugepaged;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.context.Task;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;
import kemu.mm.huge.HugePages;
import kemu.mm.migrate.Compaction;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.reclaim.Vmscan;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.Mms;

/**
 * khugepaged. The kernel thread calls {@link #run}; scenarios call {@link #scan} from a task of their own. Source:
 * Linux 2.6.38 mm/huge_memory.c, which allocates the huge page before it takes mmap_sem to collapse.
 */
public final class Khugepaged {
    private static final int COLLAPSE_TAG = Tags.tag("khugepaged_collapse");
    /** khugepaged_pages_to_scan. */
    public static final int PAGES_TO_SCAN = 8 * Page.HUGE_FRAMES;
    /** khugepaged_scan_sleep_millisecs, in ticks. */
    private static final int SCAN_SLEEP_JIFFIES = 10 * MachineConfig.HZ;
    /** khugepaged_alloc_sleep_millisecs, in ticks. */
    private static final int ALLOC_SLEEP_JIFFIES = 60 * MachineConfig.HZ;

    /** Result of a look: the address space is through. */
    private static final int THROUGH = 0;
    /** There are ptes worth a try, just before {@link KhugepagedScan#ADDRESS}. */
    private static final int FOUND = 1;
    /** Enough was looked at. */
    private static final int PAUSES = 2;

    private final Machine machine;
    private final VmStat vmStat;
    private final Lru lru;
    private final Mms mms;
    private final HugePages huge;
    private final PageTable pageTable;
    private final ScanPmd scanPmd;
    private final KhugepagedMms slots;
    private final HugeRoom room;
    private final @Ref(KhugepagedScan.class) long scan;

    /** Boot only. */
    public Khugepaged(
            Machine machine,
            VmStat vmStat,
            PageAllocator pages,
            Lru lru,
            SlabAllocator slabs,
            PageTable pageTable,
            Mms mms,
            HugePages huge,
            Vmscan vmscan,
            Compaction compaction) {
        this.machine = machine;
        this.vmStat = vmStat;
        this.lru = lru;
        this.mms = mms;
        this.huge = huge;
        this.pageTable = pageTable;
        scanPmd = new ScanPmd(pageTable, pages);
        slots = new KhugepagedMms(machine, pages, slabs, mms, huge.rules().exitWaits());
        scan = slots.scan();
        room = new HugeRoom(pages, vmscan, compaction, scan);
        Cpu boot = machine.bootCpu();
        tune(boot, PAGES_TO_SCAN, SCAN_SLEEP_JIFFIES, ALLOC_SLEEP_JIFFIES);
        KhugepagedScan.MAX_PTES_NONE.writeOnce(boot, scan, Page.HUGE_FRAMES - 1);
        huge.scanning(slots);
    }

    /** Starts khugepaged, on the last CPU. */
    public void start(Cpu cpu) {
        Sched.of(machine).spawn(cpu, this::run, machine.cpus() - 1, "khugepaged", Task.PF_KTHREAD);
    }

    /** The knobs: pages to scan, and ticks to sleep then, or if there was no memory for a huge page. */
    public void tune(Cpu cpu, int pagesToScan, int scanSleepJiffies, int allocSleepJiffies) {
        KhugepagedScan.PAGES_TO_SCAN.writeOnce(cpu, scan, pagesToScan);
        KhugepagedScan.SCAN_SLEEP.writeOnce(cpu, scan, scanSleepJiffies);
        KhugepagedScan.ALLOC_SLEEP.writeOnce(cpu, scan, allocSleepJiffies);
    }

    /** khugepaged_max_ptes_none: at most so many of 512 ptes may map nothing where ptes are collapsed. */
    public void mostNone(Cpu cpu, int ptes) {
        KhugepagedScan.MAX_PTES_NONE.writeOnce(cpu, scan, ptes);
    }

    /** khugepaged_loop: scans some pages, sleeps, and waits if there is nothing to scan. Ends with the machine. */
    public void run(Cpu cpu) {
        Sched sched = Sched.of(machine);
        long queue = KhugepagedScan.THREAD_WAIT.of(scan);
        while (true) {
            WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
            if (slots.none(cpu)) {
                sched.schedule(cpu);
            }
            WaitQueue.finish(cpu, queue);
            // A page that waits in a pagevec has a reference that is in the way.
            lru.drainAll(cpu);
            hold(cpu);
            boolean out = scan(cpu, (int) KhugepagedScan.PAGES_TO_SCAN.readOnce(cpu, scan));
            release(cpu);
            sched.sleep(cpu, (out ? KhugepagedScan.ALLOC_SLEEP : KhugepagedScan.SCAN_SLEEP).readOnce(cpu, scan));
        }
    }

    /**
     * Returns when khugepaged has no page in hand, and keeps it from going on until {@link #release}: what it has is
     * accounted for by nobody else. Context: may sleep.
     */
    public void hold(Cpu cpu) {
        Mutex.lock(cpu, KhugepagedScan.THREAD_MUTEX.of(scan));
    }

    /** Undoes {@link #hold}. */
    public void release(Cpu cpu) {
        Mutex.unlock(cpu, KhugepagedScan.THREAD_MUTEX.of(scan));
    }

    /**
     * Scans until all that exited processes left behind is gone: for the leak check when none runs any more. Context:
     * no lock, may sleep.
     */
    public void settle(Cpu cpu) {
        hold(cpu);
        long rounds = KhugepagedScan.FULL_SCANS.get(cpu, scan) + 2;
        // Ends: so does every round, which frees the slots of address spaces without users.
        while (!slots.none(cpu) && KhugepagedScan.FULL_SCANS.get(cpu, scan) < rounds) {
            scan(cpu, PAGES_TO_SCAN);
        }
        release(cpu);
    }

    /**
     * khugepaged_do_scan: looks at the next {@code most} pages, or as many as are left of two rounds. True if there was
     * no memory for a huge page. Context: khugepaged_mutex, or the only task that scans; may sleep.
     */
    public boolean scan(Cpu cpu, int most) {
        KhugepagedScan.PROGRESS.set(cpu, scan, 0);
        int rounds = 0;
        while (rounds < 2 && KhugepagedScan.PROGRESS.get(cpu, scan) < most) {
            Sched.of(machine).condResched(cpu);
            long slot = slots.current(cpu);
            if (slot == Cpu.NULL) {
                return false;
            }
            long mm = HugeSlot.MM.get(cpu, slot);
            int found = look(cpu, mm, most);
            if (found == FOUND) {
                room.make(cpu);
                if (collapse(cpu, mm, KhugepagedScan.ADDRESS.get(cpu, scan) - HugePages.SIZE) == Errno.ENOMEM) {
                    return true;
                }
            }
            if ((found == THROUGH || KhugepagedMms.exits(cpu, mm)) && slots.leave(cpu, slot)) {
                rounds++;
                KhugepagedScan.FULL_SCANS.set(cpu, scan, KhugepagedScan.FULL_SCANS.get(cpu, scan) + 1);
                vmStat.incLate(cpu, VmStatItem.KHUGEPAGED_FULL_SCANS);
            }
        }
        return false;
    }

    private void progress(Cpu cpu, int looked) {
        KhugepagedScan.PROGRESS.set(cpu, scan, KhugepagedScan.PROGRESS.get(cpu, scan) + looked);
    }

    /** khugepaged_scan_mm_slot: looks for ptes that are worth a try; the scan is behind them then. */
    private int look(Cpu cpu, long mm, int most) {
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        int found = THROUGH;
        // So that a list of empty address spaces comes to an end.
        progress(cpu, 1);
        long vma =
                KhugepagedMms.exits(cpu, mm) ? Cpu.NULL : mms.findVma(cpu, mm, KhugepagedScan.ADDRESS.get(cpu, scan));
        while (found == THROUGH && vma != Cpu.NULL && !KhugepagedMms.exits(cpu, mm)) {
            Sched.of(machine).condResched(cpu);
            progress(cpu, 1);
            if (huge.mayCollapse(cpu, mm, vma)) {
                found = lookIn(cpu, mm, vma, most);
            }
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return found;
    }

    private int lookIn(Cpu cpu, long mm, long vma, int most) {
        long end = VmArea.VM_END.get(cpu, vma) & -HugePages.SIZE;
        long first = VmArea.VM_START.readOnce(cpu, vma) + HugePages.OFFSET_MASK & -HugePages.SIZE;
        long at = Math.max(KhugepagedScan.ADDRESS.get(cpu, scan), first);
        for (; at < end && !KhugepagedMms.exits(cpu, mm); at += HugePages.SIZE) {
            Sched.of(machine).condResched(cpu);
            KhugepagedScan.ADDRESS.set(cpu, scan, at + HugePages.SIZE);
            progress(cpu, Page.HUGE_FRAMES);
            if (scanPmd.isWorthIt(cpu, mm, at, KhugepagedScan.MAX_PTES_NONE.readOnce(cpu, scan))) {
                return FOUND;
            }
            if (KhugepagedScan.PROGRESS.get(cpu, scan) >= most) {
                return PAUSES;
            }
        }
        return THROUGH;
    }

    /** The part of collapse_huge_page above page tables; as {@link Mms#collapse}. */
    private int collapse(Cpu cpu, long mm, long start) {
        long begun = cpu.clock();
        mms.mmapLock().writeLock(cpu, mm);
        int result = Errno.EAGAIN;
        if (!KhugepagedMms.exits(cpu, mm) && pageTable.findTable(cpu, mm, start) != Cpu.NULL) {
            result = mms.collapse(cpu, mm, start);
        }
        mms.mmapLock().writeUnlock(cpu, mm);
        if (result == 0) {
            vmStat.incLate(cpu, VmStatItem.KHUGEPAGED_PAGES_COLLAPSED);
        }
        cpu.record(COLLAPSE_TAG, cpu.clock() - begun);
        return result;
    }
}
