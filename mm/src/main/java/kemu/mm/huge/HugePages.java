package kemu.mm.huge;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;
import kemu.mm.pgtable.HugePmds;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * Transparent huge pages, for whoever changes page tables or takes pages away. Null where there are none.
 *
 * <p>Only anonymous memory that is not locked, not a stack and not to be merged is mapped so, in aligned ranges that
 * lie wholly in one VMA. So no border of a VMA may come to lie within one that is mapped: whoever moves borders, or
 * changes ptes, splits first. With mmap_sem to write nobody maps one in between, as a fault that does has it to read.
 */
public final class HugePages {
    /** Never: the default. */
    public static final String NEVER = "never";
    /** Wherever it fits. */
    public static final String ALWAYS = "always";
    /** Allowed for {@code thp}. */
    public static final List<String> NAMES = List.of(NEVER, ALWAYS);

    /** Bytes of a huge page. */
    public static final long SIZE = PageTable.PMD_SIZE;
    /** The address within one. */
    public static final long OFFSET_MASK = SIZE - 1;

    /** Result: there is no huge page, the caller goes on with ptes. */
    public static final int SMALL = 0;
    /** Result: done. */
    public static final int SERVED = 1;
    /** Result of {@link #fault}: a huge page is to be mapped, which takes mmap_sem. */
    public static final int NOT_HERE = 2;

    private static final long UNFIT = VmArea.VM_SHARED | VmArea.VM_LOCKED | VmArea.VM_GROWSDOWN | VmArea.VM_MERGEABLE;

    private final CollapseRules rules;
    private final ScanLink scans = new ScanLink();
    private final PageAllocator pages;
    private final PageLock pageLock;
    private final PageTable pageTable;
    private final SplitHugePage split;
    private final SplitPmd splitPmd;
    private final HugeFault faults;
    private final HugeRange ranges;
    private final CollapsePages collapses;

    /** Boot only. */
    public HugePages(
            VmStat vmStat,
            PageLock pageLock,
            PageAllocator pages,
            Lru lru,
            PageTable pageTable,
            AnonVmas anonVmas,
            AnonVmaIndex index,
            PageRmap pageRmap,
            CollapseRules rules) {
        this.rules = rules;
        this.pages = pages;
        this.pageLock = pageLock;
        this.pageTable = pageTable;
        HugePmds pmds = new HugePmds(pageTable, pages);
        split = new SplitHugePage(vmStat, pages, lru, anonVmas.locking(), index, pmds);
        splitPmd = new SplitPmd(pages, pageLock, pmds, split);
        faults = new HugeFault(vmStat, pages, anonVmas, pageRmap, pmds, splitPmd, scans);
        ranges = new HugeRange(pageTable, pages, pageRmap, pmds, splitPmd);
        collapses =
                new CollapsePages(vmStat, pageLock, pages, lru, pageTable, anonVmas.locking(), pageRmap, pmds, rules);
    }

    /** What keeps others out while ptes are collapsed. */
    public CollapseRules rules() {
        return rules;
    }

    /** Sets who looks for ptes to collapse. Boot only. */
    public void scanning(HugeScanning those) {
        scans.scanning(those);
    }

    /**
     * khugepaged_enter_vma_merge: {@code vma} has grown by a merge, perhaps to where a huge page fits among small ones.
     * Context: mmap_sem (W), may sleep.
     */
    public void grown(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {
        long first = VmArea.VM_START.get(cpu, vma) + OFFSET_MASK & -SIZE;
        if (VmArea.ANON_VMA.readOnce(cpu, vma) != Cpu.NULL && suits(cpu, vma, first)) {
            scans.enter(cpu, mm);
        }
    }

    /** khugepaged_fork: 0 or -ENOMEM. Context: both mmap_sems (W). */
    public int fork(Cpu cpu, @Ref(MmStruct.class) long child, @Ref(MmStruct.class) long parent) {
        return scans.fork(cpu, child, parent);
    }

    /** khugepaged_exit. Context: the last user is gone; may sleep. */
    public void exit(Cpu cpu, @Ref(MmStruct.class) long mm) {
        scans.exit(cpu, mm);
    }

    /** True if ptes of {@code vma} may be collapsed, wherever a huge page fits. Context: mmap_sem; no spinlock. */
    public boolean mayCollapse(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {
        if (!isFit(cpu, vma)) {
            return false;
        }
        // A fault may be giving it its anon_vma.
        SpinLock.lock(cpu, MmStruct.PAGE_TABLE_LOCK.of(mm));
        boolean may = VmArea.ANON_VMA.readOnce(cpu, vma) != Cpu.NULL && rules.knowsItsWalks(cpu, vma);
        SpinLock.unlock(cpu, MmStruct.PAGE_TABLE_LOCK.of(mm));
        return may;
    }

    /** Checks that {@code name} is one of {@link #NAMES}. @throws IllegalArgumentException naming what is allowed */
    public static void check(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("thp: " + name + " (allowed: " + String.join(", ", NAMES) + ")");
        }
    }

    /** True if a huge page may be mapped in {@code vma} around {@code address}. Context: the VMA is locked. */
    static boolean suits(Cpu cpu, @Ref(VmArea.class) long vma, long address) {
        long start = address & -SIZE;
        return start >= VmArea.VM_START.readOnce(cpu, vma)
                && start + SIZE <= VmArea.VM_END.readOnce(cpu, vma)
                && isFit(cpu, vma);
    }

    private static boolean isFit(Cpu cpu, long vma) {
        return (VmArea.VM_FLAGS.get(cpu, vma) & UNFIT) == 0 && VmArea.VM_FILE.get(cpu, vma) == Cpu.NULL;
    }

    /**
     * The part of a fault above ptes: {@link #SERVED} (the access is worth trying again), {@link #SMALL}, or
     * {@link #NOT_HERE}, only without {@code mayMap}. Context: the VMA is locked, with {@code mayMap} by mmap_sem; may
     * sleep.
     */
    public int fault(
            Cpu cpu,
            @Ref(MmStruct.class) long mm,
            @Ref(VmArea.class) long vma,
            long address,
            boolean write,
            boolean mayMap) {
        return faults.serve(cpu, mm, vma, address, write, mayMap);
    }

    /**
     * zap_huge_pmd, or split_huge_page_pmd if [start, stop), which one PMD covers, is not all of it: true if nothing is
     * left to unmap, false if a table of ptes is there. Context: mmap_sem, or the last user; may sleep.
     */
    public boolean zap(
            Cpu cpu,
            MmuGather gathers,
            @Ref(MmuGather.class) long gather,
            @Ref(MmStruct.class) long mm,
            long start,
            long stop) {
        return ranges.zap(cpu, gathers, gather, mm, start, stop);
    }

    /**
     * copy_huge_pmd: {@link #SERVED} if the child maps the huge page at {@code address} as well, both read-only;
     * {@link #SMALL} if there is none; or -ENOMEM. Context: both mmap_sems (W); may sleep.
     */
    public int copy(Cpu cpu, @Ref(MmStruct.class) long child, @Ref(MmStruct.class) long parent, long address) {
        return ranges.copy(cpu, child, parent, address);
    }

    /**
     * collapse_huge_page: 0 if a huge page is mapped at {@code start}, which is aligned, now; -EINVAL if none can be
     * there, -ENOMEM, or -EAGAIN if a page is shared, swapped out or in use. Context: mmap_sem (W), the VMA locked for
     * writing; may sleep.
     */
    public int collapse(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, long start) {
        return collapses.collapse(cpu, mm, vma, start);
    }

    /** split_huge_page: as {@link SplitHugePage#split}. */
    public boolean splitPage(Cpu cpu, @Ref(Page.class) long page) {
        return split.split(cpu, page);
    }

    /**
     * Splits the huge page that the frame of {@code page} belongs to, if it does; false if it does still. Context: may
     * sleep.
     */
    public boolean splitAround(Cpu cpu, @Ref(Page.class) long page) {
        long head = pages.pageOfPfn(pages.pfnOf(page) & -Page.HUGE_FRAMES);
        if (!Page.test(cpu, head, Page.PG_HUGE) || !Page.getUnlessZero(cpu, head)) {
            return true;
        }
        pageLock.lock(cpu, head);
        boolean small = split.split(cpu, head);
        pageLock.unlock(cpu, head);
        pages.putPage(cpu, head);
        return small;
    }

    /** Splits what is mapped at {@code address}, unless that begins there. Context: mmap_sem; may sleep. */
    public void splitAt(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        if ((address & OFFSET_MASK) != 0) {
            splitPmd.at(cpu, mm, address);
        }
    }

    /** Splits what is mapped in [start, end). Context: mmap_sem; may sleep. */
    public void splitRange(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end) {
        long at = pageTable.nextPresent(cpu, mm, start, end);
        while (at < end) {
            splitPmd.at(cpu, mm, at);
            at = pageTable.nextPresent(cpu, mm, PageTable.tableEnd(at, end), end);
        }
    }
}
