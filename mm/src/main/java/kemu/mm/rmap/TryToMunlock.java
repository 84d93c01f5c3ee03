package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;
import kemu.mm.file.AddressSpace;
import kemu.mm.mlock.Mlocking;
import kemu.mm.mlock.MunlockWalk;
import kemu.mm.page.Page;
import kemu.mm.pgtable.PageTable;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.rcu.list.ListHead;

/**
 * Looks for a locked VMA that maps a page: munlock asks so that it does not take the page from another VMA, reclaim so
 * that a page comes to the unevictable list though mlock missed it.
 *
 * <p>VM_LOCKED is only sure under mmap_sem, and the locks held forbid to wait for it: a page that cannot be had now is
 * left to the next scan of reclaim. Source: Linux 2.6.36 mm/rmap.c, try_to_munlock(), and the end of
 * try_to_unmap_one().
 */
public final class TryToMunlock implements MunlockWalk {
    private final PageTable pageTable;
    private final PageVma pageVma;
    private final AnonVmaLocking locking;
    private final AnonVmaIndex index;
    private final Mlocking mlocking;
    /** Null: there are no KSM pages. */
    private final MergedPages merged;

    private final RmapVisitor locks = this::visit;

    /** {@code merged} is null if there are no KSM pages. Boot only. */
    public TryToMunlock(
            PageTable pageTable,
            PageVma pageVma,
            AnonVmaLocking locking,
            AnonVmaIndex index,
            Mlocking mlocking,
            MergedPages merged) {
        this.merged = merged;
        this.index = index;
        this.pageTable = pageTable;
        this.pageVma = pageVma;
        this.locking = locking;
        this.mlocking = mlocking;
    }

    @Override
    public boolean tryToMunlock(Cpu cpu, @Ref(Page.class) long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if (MergedPages.isMerged(mapping)) {
            return merged.walk(cpu, page, locks) != 0;
        }
        if ((mapping & Page.MAPPING_ANON) != 0) {
            return walkAnon(cpu, page);
        }
        return mapping != Cpu.NULL && walkFile(cpu, page, mapping);
    }

    private boolean walkAnon(Cpu cpu, long page) {
        long anonVma = locking.pageLockAnonVma(cpu, page);
        if (anonVma == Cpu.NULL) {
            return false;
        }
        boolean locked = false;
        long at = index.first(cpu, anonVma, page);
        for (; at != Cpu.NULL && !locked; at = index.next(cpu, anonVma, at, page)) {
            locked = inVma(cpu, page, AnonVmaChain.VMA.get(cpu, at));
        }
        locking.pageUnlockAnonVma(cpu, anonVma);
        return locked;
    }

    private boolean walkFile(Cpu cpu, long page, long mapping) {
        boolean locked = false;
        SpinLock.lock(cpu, AddressSpace.I_MMAP_LOCK.of(mapping));
        long head = AddressSpace.I_MMAP.of(mapping);
        for (long at = ListHead.first(cpu, head); at != head && !locked; at = ListHead.next(cpu, at)) {
            locked = inVma(cpu, page, VmArea.SHARED.containerOf(at));
        }
        SpinLock.unlock(cpu, AddressSpace.I_MMAP_LOCK.of(mapping));
        return locked;
    }

    private boolean inVma(Cpu cpu, long page, long vma) {
        if ((VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) == 0) {
            return false;
        }
        long address = PageVma.vmaAddress(cpu, page, vma);
        return address != Errno.EFAULT && at(cpu, page, vma, address);
    }

    private boolean at(Cpu cpu, long page, long vma, long address) {
        long pte = pageVma.pageCheckAddress(cpu, page, VmArea.VM_MM.get(cpu, vma), address);
        return pte != Cpu.NULL && mlockAndUnlockPte(cpu, page, vma, pte);
    }

    /** A place where a KSM page may be mapped. */
    private long visit(Cpu cpu, long page, long vma, long address, long soFar) {
        boolean isLocked = (VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) != 0;
        return isLocked && at(cpu, page, vma, address) ? RmapVisitor.STOP | 1 : 0;
    }

    /**
     * A VMA that looked locked maps the page: mlocks it, and drops the lock of the pte; true if that worked out.
     * Context: pte lock, dropped here; page lock, and the lock of the list with the VMA.
     */
    boolean mlockAndUnlockPte(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long pte) {
        boolean done = mlocking.mlockUnderPteLock(cpu, page);
        SpinLock.unlock(cpu, pageTable.lockOf(cpu, pte));
        if (done) {
            return true;
        }
        long sem = MmStruct.MMAP_SEM.of(VmArea.VM_MM.get(cpu, vma));
        if (!RwSem.tryDownRead(cpu, sem)) {
            return false;
        }
        // RACE: exit_mmap munlocks without mmap_sem.
        boolean locked = (VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) != 0;
        if (locked) {
            mlocking.mlockLazily(cpu, page);
        }
        RwSem.upRead(cpu, sem);
        return locked;
    }
}
