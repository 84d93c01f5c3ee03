package kemu.mm.ksm;

import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.context.Task;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.kernel.task.Sched;
import kemu.kernel.task.WaitQueue;
import kemu.mm.fault.Faults;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.rmap.PageRmap;
import kemu.mm.rmap.PageVma;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.Mms;
import kemu.mm.vma.PageMerging;

/**
 * Kernel samepage merging: scans address spaces and merges what is equal. Kernel threads call {@link #runKsmd};
 * scenarios call {@link #scan} from a task of their own. Source: Linux 2.6.36 mm/ksm.c.
 */
public final class Ksm implements PageMerging {
    /** ksm_thread_pages_to_scan. */
    private static final int PAGES_TO_SCAN = 100;
    /** ksm_thread_sleep_millisecs, in ticks. */
    private static final int SLEEP_JIFFIES = Math.max(1, 20 * MachineConfig.HZ / 1000);

    private final Machine machine;
    private final KsmMemory memory;
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final Lru lru;
    private final Mms mms;
    private final KsmMms slots;
    private final ScannedPage scanned;
    private final StableTree stable;
    private final UnstableTree unstable;
    private final BreakKsm breakKsm;
    private final PageMerge merge;
    private final RmapItems items;

    /** Merges as {@code rules} say. Boot only. */
    public Ksm(
            Machine machine,
            KsmRules rules,
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            SlabAllocator slabs,
            Swap swap,
            PageTable pageTable,
            AnonVmaRefs anonVmas,
            PageRmap pageRmap,
            PageVma pageVma,
            Mms mms,
            Faults faults) {
        this.machine = machine;
        this.pages = pages;
        this.pageLock = pageLock;
        this.lru = lru;
        this.mms = mms;
        memory = new KsmMemory(machine, vmStat, pages, slabs, anonVmas, rules);
        tune(machine.bootCpu(), PAGES_TO_SCAN, SLEEP_JIFFIES);
        slots = new KsmMms(memory, mms);
        scanned = new ScannedPage(mms, pageTable, pages);
        breakKsm = new BreakKsm(Sched.of(machine), memory, pages, faults, scanned);
        WriteProtectPage protects = new WriteProtectPage(rules, pages, swap, pageTable, pageRmap, pageVma);
        merge = new PageMerge(memory, pages, pageLock, lru, scanned, protects, breakKsm);
        stable = new StableTree(memory, pages, pageLock);
        unstable = new UnstableTree(memory, pages, scanned);
        items = new RmapItems(memory, stable, unstable);
    }

    @Override
    public int enter(Cpu cpu, @Ref(MmStruct.class) long mm) {
        return slots.enter(cpu, mm);
    }

    @Override
    public void exit(Cpu cpu, @Ref(MmStruct.class) long mm) {
        slots.exit(cpu, mm);
    }

    @Override
    public int unmerge(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end) {
        return breakKsm.unmerge(cpu, vma, start, end);
    }

    /** Starts ksmd, on CPU 0. */
    public void start(Cpu cpu) {
        Sched.of(machine).spawn(cpu, this::runKsmd, 0, "ksmd", Task.PF_KTHREAD);
    }

    /** ksm_scan_thread: scans some pages, sleeps, and waits if there is nothing to scan. Ends with the machine. */
    public void runKsmd(Cpu cpu) {
        Sched sched = Sched.of(machine);
        long queue = KsmScan.THREAD_WAIT.of(memory.scan());
        while (true) {
            WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
            if (slots.none(cpu)) {
                sched.schedule(cpu);
            }
            WaitQueue.finish(cpu, queue);
            if (isBetweenRounds(cpu)) {
                // A page that waits in a pagevec has a reference that keeps it from being merged.
                lru.drainAll(cpu);
            }
            lock(cpu);
            scan(cpu, (int) KsmScan.PAGES_TO_SCAN.readOnce(cpu, memory.scan()));
            unlock(cpu);
            sched.sleep(cpu, KsmScan.SLEEP_JIFFIES.readOnce(cpu, memory.scan()));
        }
    }

    /** The knobs of /sys/kernel/mm/ksm: pages to scan, and ticks to sleep then. */
    public void tune(Cpu cpu, int pagesToScan, int sleepJiffies) {
        KsmScan.PAGES_TO_SCAN.writeOnce(cpu, memory.scan(), pagesToScan);
        KsmScan.SLEEP_JIFFIES.writeOnce(cpu, memory.scan(), sleepJiffies);
    }

    /**
     * Returns when ksmd has no page in hand, and keeps it from going on until {@link #release}: its reference is
     * accounted for by nobody else. Context: may sleep.
     */
    public void hold(Cpu cpu) {
        lock(cpu);
    }

    /** Undoes {@link #hold}. */
    public void release(Cpu cpu) {
        unlock(cpu);
    }

    private void lock(Cpu cpu) {
        Mutex.lock(cpu, KsmScan.THREAD_MUTEX.of(memory.scan()));
    }

    private void unlock(Cpu cpu) {
        Mutex.unlock(cpu, KsmScan.THREAD_MUTEX.of(memory.scan()));
    }

    private boolean isBetweenRounds(Cpu cpu) {
        lock(cpu);
        boolean between = KsmScan.MM_SLOT.get(cpu, memory.scan()) == memory.head();
        unlock(cpu);
        return between;
    }

    /**
     * Scans until all that exited processes left behind is gone: for the leak check when none runs any more. Context:
     * no lock, may sleep.
     */
    public void settle(Cpu cpu) {
        lock(cpu);
        long rounds = KsmScan.SEQNR.get(cpu, memory.scan()) + 2;
        // Ends: so does every round, which frees the slots of address spaces without users.
        while (!slots.none(cpu) && KsmScan.SEQNR.get(cpu, memory.scan()) < rounds) {
            scan(cpu, PAGES_TO_SCAN);
        }
        stable.prune(cpu);
        unlock(cpu);
    }

    /**
     * ksm_do_scan: looks at the next {@code most} pages, or as many as are left of the round. Context:
     * ksm_thread_mutex, or the only task that scans; may sleep.
     */
    public void scan(Cpu cpu, int most) {
        for (int i = 0; i < most; i++) {
            Sched.of(machine).condResched(cpu);
            long item = nextItem(cpu);
            if (item == Cpu.NULL) {
                return;
            }
            long page = KsmScan.PAGE.get(cpu, memory.scan());
            if (!PageMerge.isMerged(cpu, item, page)) {
                compareAndMerge(cpu, page, item);
            }
            pages.putPage(cpu, page);
        }
    }

    /** The rest of the round, and then a whole one: every page there is has been looked at when it returns. */
    public void scanAll(Cpu cpu) {
        long rounds = KsmScan.SEQNR.get(cpu, memory.scan()) + 2;
        // Ends: so does every round.
        while (!slots.none(cpu) && KsmScan.SEQNR.get(cpu, memory.scan()) < rounds) {
            scan(cpu, 1);
        }
    }

    /** scan_get_next_rmap_item: the item of the next page; NULL if the round is over. */
    private long nextItem(Cpu cpu) {
        long scan = memory.scan();
        long slot = KsmScan.MM_SLOT.get(cpu, scan);
        if (slot == memory.head()) {
            if (slots.none(cpu)) {
                return Cpu.NULL;
            }
            unstable.clear(cpu);
            slot = enterSlot(cpu, slots.advance(cpu, false));
        }
        // Ends: every round goes on to the next slot.
        while (slot != memory.head()) {
            long item = nextIn(cpu, slot);
            if (item != Cpu.NULL) {
                return item;
            }
            slot = leaveSlot(cpu, slot);
        }
        KsmScan.SEQNR.set(cpu, scan, KsmScan.SEQNR.get(cpu, scan) + 1);
        memory.count(cpu, VmStatItem.KSM_FULL_SCANS, 1);
        return Cpu.NULL;
    }

    private long enterSlot(Cpu cpu, long slot) {
        KsmScan.ADDRESS.set(cpu, memory.scan(), 0);
        KsmScan.RMAP_LIST.set(cpu, memory.scan(), MmSlot.RMAP_LIST.of(slot));
        return slot;
    }

    /** The item of the next anonymous page of the slot's address space, which {@link KsmScan#PAGE} names; or NULL. */
    private long nextIn(Cpu cpu, long slot) {
        long mm = MmSlot.MM.get(cpu, slot);
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long item = Cpu.NULL;
        long vma =
                ScannedPage.exits(cpu, mm) ? Cpu.NULL : mms.findVma(cpu, mm, KsmScan.ADDRESS.get(cpu, memory.scan()));
        for (; vma != Cpu.NULL && item == Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            if ((VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_MERGEABLE) != 0
                    && VmArea.ANON_VMA.acquire(cpu, vma) != Cpu.NULL) {
                item = nextOf(cpu, mm, vma);
            }
        }
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return item;
    }

    private long nextOf(Cpu cpu, long mm, long vma) {
        long end = VmArea.VM_END.get(cpu, vma);
        long at = Math.max(KsmScan.ADDRESS.get(cpu, memory.scan()), VmArea.VM_START.readOnce(cpu, vma));
        for (; at < end; at += PAGE_SIZE) {
            if (ScannedPage.exits(cpu, mm)) {
                return Cpu.NULL;
            }
            long page = scanned.followAnon(cpu, mm, at);
            if (page != Cpu.NULL) {
                KsmScan.ADDRESS.set(cpu, memory.scan(), at + PAGE_SIZE);
                KsmScan.PAGE.set(cpu, memory.scan(), page);
                long item = items.at(cpu, mm, at);
                if (item == Cpu.NULL) {
                    pages.putPage(cpu, page);
                }
                return item;
            }
            Sched.of(machine).condResched(cpu);
        }
        return Cpu.NULL;
    }

    /** The slot is through: what is left of its list has no page any more. The next slot, or the head. */
    private long leaveSlot(Cpu cpu, long slot) {
        long mm = MmSlot.MM.get(cpu, slot);
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        boolean exits = ScannedPage.exits(cpu, mm);
        if (exits) {
            KsmScan.RMAP_LIST.set(cpu, memory.scan(), MmSlot.RMAP_LIST.of(slot));
        }
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        items.removeTrailing(cpu);
        // Linux also forgets address spaces in which nothing asks for merging any more.
        long next = slots.advance(cpu, exits);
        if (exits) {
            slots.free(cpu, slot);
        }
        return enterSlot(cpu, next);
    }

    /** cmp_and_merge_page: {@code page} is what {@code item} stands for. Context: a reference on the page. */
    private void compareAndMerge(Cpu cpu, long page, long item) {
        items.removeFromTree(cpu, item);
        long kpage = stable.search(cpu, page);
        if (kpage != Cpu.NULL) {
            if (merge.withKsmPage(cpu, item, page, kpage)) {
                pageLock.lock(cpu, kpage);
                stable.append(cpu, item, StableTree.nodeOf(cpu, kpage));
                pageLock.unlock(cpu, kpage);
            }
            pages.putPage(cpu, kpage);
            return;
        }
        // A page that changes now and then is not worth it.
        long checksum = cpu.hashFrame(pages.frameOf(page));
        if (RmapItem.OLDCHECKSUM.get(cpu, item) != checksum) {
            RmapItem.OLDCHECKSUM.set(cpu, item, checksum);
            return;
        }
        long treeItem = unstable.searchInsert(cpu, item, page);
        if (treeItem != Cpu.NULL) {
            mergeTwo(cpu, page, item, treeItem);
        }
    }

    private void mergeTwo(Cpu cpu, long page, long item, long treeItem) {
        long treePage = scanned.get(cpu, treeItem);
        if (treePage == Cpu.NULL) {
            return;
        }
        boolean merged = merge.twoPages(cpu, item, page, treeItem, treePage);
        pages.putPage(cpu, treePage);
        if (!merged) {
            return;
        }
        items.removeFromTree(cpu, treeItem);
        pageLock.lock(cpu, page);
        long node = stable.insert(cpu, page);
        if (node != Cpu.NULL) {
            stable.append(cpu, treeItem, node);
            stable.append(cpu, item, node);
        }
        pageLock.unlock(cpu, page);
        if (node == Cpu.NULL) {
            breakKsm.breakCow(cpu, treeItem);
            breakKsm.breakCow(cpu, item);
        }
    }

    /** See {@link RmapItems#pins}; an instrument. Context: machine at rest. */
    public java.util.Map<Long, Integer> anonVmaPins(Cpu cpu) {
        return items.pins(cpu);
    }
}
