package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.mm.file.Files;
import kemu.mm.file.PageCache;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.MmuGather;
import kemu.mm.pgtable.PageTable;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.swap.Swap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

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
    private final KmemCache mmCache;
    private final VmaAdjust vmas;
    private final Munmap unmaps;
    private final DupMmap dup;
    private final MmAudit audit;

    /** Boot only. */
    public Mms(
            Machine machine,
            PageAllocator pages,
            Lru lru,
            SlabAllocator slabs,
            Swap swap,
            PageTable pageTable,
            MmuGather gathers,
            PageCache pageCache,
            Files files,
            AnonVmas anonVmas,
            PageRmap pageRmap) {
        this.pageTable = pageTable;
        caches = new MmCaches(machine.bootCpu(), slabs);
        mmCache = caches.mms();
        vmas = new VmaAdjust(files, anonVmas, caches);
        ZapPages zap = new ZapPages(machine, pages, lru, swap, pageTable, pageCache, gathers);
        unmaps = new Munmap(lru, files, anonVmas, gathers, caches, vmas, zap);
        CopyPages copy = new CopyPages(machine, pages, swap, pageTable, pageRmap);
        dup = new DupMmap(pageTable, files, anonVmas, caches, copy);
        audit = new MmAudit(pages, pageTable);
    }

    MmCaches caches() {
        return caches;
    }

    VmaAdjust vmas() {
        return vmas;
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
        for (int at = 0; at < MmStruct.LAYOUT.sizeBytes(); at += Long.BYTES) {
            cpu.write64(mm + at, 0);
        }
        MmStruct.PGD.set(cpu, mm, pgd);
        MmStruct.MM_USERS.set(cpu, mm, 1);
        MmStruct.MM_COUNT.set(cpu, mm, 1);
        RwSem.init(cpu, MmStruct.MMAP_SEM.of(mm), MMAP_SEM);
        SpinLock.init(cpu, MmStruct.PAGE_TABLE_LOCK.of(mm), PAGE_TABLE_LOCK);
        UnmappedArea.init(cpu, mm);
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
        cpu.tell(Event.MM_FORKED, parent, child);
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
            unmaps.exitMmap(cpu, mm);
            mmdrop(cpu, mm);
        }
    }

    /** One more reference to the structure alone. */
    public void mmgrab(Cpu cpu, @Ref(MmStruct.class) long mm) {
        MmStruct.MM_COUNT.add(cpu, mm, 1);
    }

    /** mmdrop: drops a reference to the structure; the last one frees it, after checking that nothing is left in it. */
    public void mmdrop(Cpu cpu, @Ref(MmStruct.class) long mm) {
        if (MmStruct.MM_COUNT.addReturn(cpu, mm, -1) == 0) {
            checkMm(cpu, mm);
            pageTable.freePgd(cpu, MmStruct.PGD.get(cpu, mm));
            mmCache.free(cpu, mm);
        }
    }

    /** check_mm. */
    private static void checkMm(Cpu cpu, long mm) {
        check(cpu, mm, 0, MmStruct.FILE_RSS.readOnce(cpu, mm));
        check(cpu, mm, 1, MmStruct.ANON_RSS.readOnce(cpu, mm));
        check(cpu, mm, 2, MmStruct.SWAPENTS.readOnce(cpu, mm));
        long tables = MmStruct.NR_PTES.get(cpu, mm);
        if (tables != 0) {
            throw new KernelBug(
                    FailureKind.LEAK, "BUG: non-zero nr_ptes on freeing mm:0x" + Long.toHexString(mm) + ": " + tables);
        }
    }

    private static void check(Cpu cpu, long mm, int index, long value) {
        if (value != 0) {
            throw new KernelBug(
                    FailureKind.ACCOUNTING,
                    "BUG: Bad rss-counter state mm:0x" + Long.toHexString(mm) + " idx:" + index + " val:" + value
                            + " owner pid " + MmStruct.OWNER.readOnce(cpu, mm));
        }
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
