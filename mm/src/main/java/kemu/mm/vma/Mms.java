package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.mm.file.Files;
import kemu.mm.file.PageCache;
import kemu.mm.huge.HugePages;
import kemu.mm.mlock.Mlocking;
import kemu.mm.mlock.MunlockWalk;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.slab.KmemCache;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * Life of mm_structs: made empty or as a copy, shared by reference, torn down by the last user.
 *
 * <p>mm_users counts tasks that use the address space; the mappings go when it falls to 0. mm_count counts references
 * to the structure, all users together being one; the structure goes when it falls to 0. Source: Linux 2.6.36
 * kernel/fork.c.
 */
public final class Mms {
    private static final LockClass MMAP_SEM = LockClass.of("mm->mmap_sem");
    private static final LockClass PAGE_TABLE_LOCK = LockClass.of("mm->page_table_lock");

    private final PageTable pageTable;
    private final MmCaches caches;
    private final MmRefs refs;
    private final VmaLinks links;
    private final MmapLock mmapLock;
    private final VmaLookup lookup;
    private final KmemCache mmCache;
    private final VmaAdjust vmas;
    private final VmaMerge merges;
    private final Munmap unmaps;
    private final MunlockPages munlocks;
    private final Mlocking mlocking;
    private final AnonVmaLocking anonVmaLocking;
    private final DupMmap dup;
    private final MmAudit audit;
    private final VmaRules rules;
    private final MergeLink merging;
    /** Null: there are no huge pages. */
    private final HugePages huge;

    /** Boot only. */
    public Mms(
            Machine machine,
            PageAllocator pages,
            Lru lru,
            PageLock pageLock,
            Swap swap,
            PageTable pageTable,
            MmuGather gathers,
            PageCache pageCache,
            Files files,
            AnonVmas anonVmas,
            PageRmap pageRmap,
            MmCaches caches,
            MmRefs refs,
            VmaLookup lookup,
            Mlocking mlocking,
            MunlockWalk munlockWalk,
            VmaRules rules,
            HugePages huge) {
        this.rules = rules;
        this.huge = huge;
        this.pageTable = pageTable;
        this.caches = caches;
        this.refs = refs;
        this.lookup = lookup;
        this.mlocking = mlocking;
        anonVmaLocking = anonVmas.locking();
        mmCache = caches.mms();
        links = new VmaLinks(caches, lookup);
        mmapLock = new MmapLock(lookup);
        vmas = new VmaAdjust(files, anonVmas, links, rules.adjusts());
        merges = new VmaMerge(vmas, anonVmas, rules.copies(), huge);
        ZapPages zap = new ZapPages(machine, pages, lru, swap, pageTable, pageCache, gathers, mlocking, huge);
        munlocks = new MunlockPages(pageTable, pages, lru, pageLock, mlocking, munlockWalk, lookup);
        unmaps = new Munmap(lru, files, anonVmas, gathers, links, mmapLock, vmas, zap, munlocks, huge);
        CopyPages copy = new CopyPages(machine, pages, swap, pageTable, pageRmap, huge);
        merging = new MergeLink(vmas, merges, lookup);
        dup = new DupMmap(pageTable, files, anonVmas, links, mmapLock, copy, merging, huge);
        audit = new MmAudit(pages, pageTable);
    }

    /** Sets who merges equal pages, and whether {@code any}, or those only for which madvise is called. Boot only. */
    public void merging(PageMerging those, boolean any) {
        merging.merging(those, any);
    }

    /** Splits the huge pages of a range whose ptes are about to be changed. Context: mmap_sem (W); may sleep. */
    void splitHuge(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end) {
        if (huge != null) {
            huge.splitRange(cpu, mm, start, end);
        }
    }

    /**
     * collapse_huge_page at {@code at}, which is aligned: as {@link HugePages#collapse}, and -EINVAL if no VMA is
     * there. Context: mmap_sem (W); may sleep.
     */
    public int collapse(Cpu cpu, @Ref(MmStruct.class) long mm, long at) {
        long vma = VmaTree.findIntersection(cpu, mm, at, at + HugePages.SIZE);
        if (vma == Cpu.NULL) {
            return Errno.EINVAL;
        }
        lookup.startWrite(cpu, vma);
        return huge.collapse(cpu, mm, vma, at);
    }

    /** Null: there are none. */
    HugePages huge() {
        return huge;
    }

    MergeLink merging() {
        return merging;
    }

    VmaLinks links() {
        return links;
    }

    /** mmap_sem, to write. */
    public MmapLock mmapLock() {
        return mmapLock;
    }

    /** How faults find VMAs without mmap_sem. */
    public VmaLookup lookup() {
        return lookup;
    }

    VmaAdjust vmas() {
        return vmas;
    }

    VmaMerge merges() {
        return merges;
    }

    VmaRules rules() {
        return rules;
    }

    Mlocking mlocking() {
        return mlocking;
    }

    AnonVmaLocking anonVmaLocking() {
        return anonVmaLocking;
    }

    MunlockPages munlocks() {
        return munlocks;
    }

    Munmap unmaps() {
        return unmaps;
    }

    /** Cache of mm_structs, for the leak check. */
    public KmemCache mmCache() {
        return caches.mms();
    }

    /** Cache of VMAs, for the leak check. */
    public KmemCache vmaCache() {
        return caches.vmas();
    }

    /** mm_alloc: an empty address space with one user, or NULL. Context: may sleep. */
    public @Ref(MmStruct.class) long mmAlloc(Cpu cpu) {
        long mm = mmCache.alloc(cpu, Gfp.KERNEL);
        if (mm == Cpu.NULL) {
            return Cpu.NULL;
        }
        long pgd = pageTable.allocPgd(cpu);
        if (pgd == Cpu.NULL) {
            mmCache.free(cpu, mm);
            return Cpu.NULL;
        }
        for (int at = 0; at < caches.mmBytes(); at += Long.BYTES) {
            cpu.write64(mm + at, 0);
        }
        MmStruct.PGD.set(cpu, mm, pgd);
        MmStruct.MM_USERS.set(cpu, mm, 1);
        MmStruct.MM_COUNT.set(cpu, mm, 1);
        RwSem.init(cpu, MmStruct.MMAP_SEM.of(mm), MMAP_SEM);
        SpinLock.init(cpu, MmStruct.PAGE_TABLE_LOCK.of(mm), PAGE_TABLE_LOCK);
        UnmappedArea.init(cpu, mm);
        lookup.initMm(cpu, mm);
        return mm;
    }

    /** dup_mm: a copy-on-write copy, or NULL if memory is out. Context: may sleep; takes mmap_sem of both. */
    public @Ref(MmStruct.class) long dupMm(Cpu cpu, @Ref(MmStruct.class) long parent) {
        long child = mmAlloc(cpu);
        if (child == Cpu.NULL) {
            return Cpu.NULL;
        }
        if (dup.dupMmap(cpu, child, parent) != 0) {
            mmput(cpu, child);
            return Cpu.NULL;
        }
        return child;
    }

    /** One more user. */
    public void mmget(Cpu cpu, @Ref(MmStruct.class) long mm) {
        MmStruct.MM_USERS.add(cpu, mm, 1);
    }

    /** mmput: drops a user; the last one unmaps everything (exit_mmap). Context: may sleep. */
    public void mmput(Cpu cpu, @Ref(MmStruct.class) long mm) {
        int left = MmStruct.MM_USERS.addReturn(cpu, mm, -1);
        if (left < 0) {
            throw new KernelBug(
                    FailureKind.ACCOUNTING, "BUG: mm_users of mm 0x" + Long.toHexString(mm) + " fell to " + left);
        }
        if (left == 0) {
            merging.exit(cpu, mm);
            if (huge != null) {
                huge.exit(cpu, mm);
            }
            unmaps.exitMmap(cpu, mm);
            mmdrop(cpu, mm);
        }
    }

    /** One more reference to the structure alone. */
    public void mmgrab(Cpu cpu, @Ref(MmStruct.class) long mm) {
        refs.mmgrab(cpu, mm);
    }

    /** mmdrop: drops a reference to the structure; see {@link MmRefs}. */
    public void mmdrop(Cpu cpu, @Ref(MmStruct.class) long mm) {
        refs.mmdrop(cpu, mm);
    }

    /**
     * Makes {@code vma} locked and leaves its pages as they are: as munlock of another VMA leaves one that it cannot
     * ask about, or mlock() a page that it cannot lock. For scenarios of what reclaim does then.
     */
    public void lockLazily(Cpu cpu, @Ref(VmArea.class) long vma) {
        long mm = VmArea.VM_MM.get(cpu, vma);
        munlocks.setFlags(cpu, vma, VmArea.VM_FLAGS.get(cpu, vma) | VmArea.VM_LOCKED);
        MmStruct.LOCKED_VM.set(cpu, mm, MmStruct.LOCKED_VM.get(cpu, mm) + MunlockPages.pagesOf(cpu, vma));
    }

    /** find_vma: first VMA that ends above {@code address}, or NULL. Context: mmap_sem. */
    public @Ref(VmArea.class) long findVma(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        return VmaTree.find(cpu, mm, address);
    }

    /**
     * The consistency oracle: list and tree agree, VMAs do not overlap, ptes lie in VMAs, counters are right. Returns
     * what is wrong, or null. Context: mmap_sem (W) or nobody else uses the mm.
     */
    public String auditMm(Cpu cpu, @Ref(MmStruct.class) long mm) {
        return audit.audit(cpu, mm);
    }
}
