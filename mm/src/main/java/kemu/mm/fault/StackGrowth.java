package kemu.mm.fault;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.PhysMem;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.Mlock;
import kemu.mm.vma.Mms;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaReadLock;
import kemu.mm.vma.VmaWalker;

/**
 * expand_stack: a stack grows when it is touched below its start. Source: Linux 2.6.36 mm/mmap.c expand_downwards().
 */
class StackGrowth {
    /** RLIMIT_STACK: no stack is larger. */
    static final long STACK_LIMIT = 8L << 20;

    private static final long PAGE_MASK = -PhysMem.PAGE_SIZE;

    private final AnonVmas anonVmas;
    private final Mms mms;
    private final boolean underWriteLock;

    StackGrowth(AnonVmas anonVmas, Mms mms) {
        this.anonVmas = anonVmas;
        this.mms = mms;
        underWriteLock = mms.lookup() instanceof VmaReadLock || mms.lookup() instanceof VmaWalker;
    }

    /** As the lookup of {@code mms} has it. */
    static StackGrowth of(AnonVmas anonVmas, Mms mms) {
        return mms.lookup() instanceof VmaWalker walker && walker.growsUnderReadLock()
                ? new SharedStackGrowth(anonVmas, mms)
                : new StackGrowth(anonVmas, mms);
    }

    /**
     * Moves the start of {@code vma} down to {@code address} if it is a stack with room below; a fault code. Context:
     * mmap_sem (R). Threads of one mm grow it one at a time under the anon_vma lock, which rmap walkers hold, too.
     */
    int expandTo(Cpu cpu, @Ref(VmArea.class) long vma, long address) {
        if ((VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_GROWSDOWN) == 0) {
            return Faults.SIGSEGV;
        }
        return underWriteLock ? Faults.RETRY : expand(cpu, vma, address);
    }

    /**
     * The same for lookups that faults do without mmap_sem: nobody may grow a VMA that they read. Source: Linux 6.5
     * mm/memory.c, lock_mm_and_find_vma(), which cannot upgrade the lock either and begins anew.
     */
    int underWriteLock(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        mms.mmapLock().writeLock(cpu, mm);
        int code = Faults.SIGSEGV;
        long vma = mms.findVma(cpu, mm, address);
        if (vma != Cpu.NULL && address >= VmArea.VM_START.get(cpu, vma)) {
            code = Faults.MINOR;
        } else if (vma != Cpu.NULL && (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_GROWSDOWN) != 0) {
            mms.lookup().startWrite(cpu, vma);
            code = expandAndPublish(cpu, mm, vma, address);
        }
        mms.mmapLock().writeUnlock(cpu, mm);
        return code;
    }

    /** The stack grows, and lookups find it there. */
    final int expandAndPublish(Cpu cpu, long mm, long vma, long address) {
        VmaLookup lookup = mms.lookup();
        if (lookup.store(cpu, mm, address & PAGE_MASK, VmArea.VM_END.get(cpu, vma), vma) != 0) {
            return Faults.OOM;
        }
        int code = expand(cpu, vma, address);
        if (code == Faults.MINOR) {
            lookup.publish(cpu, mm);
        } else {
            lookup.forget(cpu, mm);
        }
        return code;
    }

    private int expand(Cpu cpu, long vma, long address) {
        if (anonVmas.anonVmaPrepare(cpu, vma) != 0) {
            return Faults.OOM;
        }
        AnonVmaLocking locking = anonVmas.locking();
        long anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
        locking.lock(cpu, anonVma);
        anonVmas.beforeRangeChanges(cpu, vma);
        int code = grow(cpu, vma, address & PAGE_MASK);
        anonVmas.rangeChanged(cpu, vma);
        locking.unlock(cpu, anonVma);
        return code;
    }

    private static int grow(Cpu cpu, long vma, long newStart) {
        long start = VmArea.VM_START.readOnce(cpu, vma);
        if (newStart >= start) {
            return Faults.MINOR;
        }
        long previous = VmArea.VM_PREV.get(cpu, vma);
        boolean taken = previous != Cpu.NULL && VmArea.VM_END.readOnce(cpu, previous) > newStart;
        long pages = (start - newStart) >>> PAGE_SHIFT;
        long pgoff = VmArea.VM_PGOFF.readOnce(cpu, vma);
        if (taken || pages > pgoff || VmArea.VM_END.readOnce(cpu, vma) - newStart > STACK_LIMIT) {
            return Faults.SIGSEGV;
        }
        if ((VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0 && !lockMore(cpu, vma, pages)) {
            return Faults.SIGSEGV;
        }
        VmArea.VM_START.writeOnce(cpu, vma, newStart);
        VmArea.VM_PGOFF.writeOnce(cpu, vma, pgoff - pages);
        return Faults.MINOR;
    }

    /** acct_stack_growth of a locked stack: false if that is beyond the limit. */
    private static boolean lockMore(Cpu cpu, long vma, long pages) {
        long mm = VmArea.VM_MM.get(cpu, vma);
        if (Mlock.overLimit(cpu, mm, pages)) {
            return false;
        }
        // Another stack of the mm may grow at the same time.
        MmStruct.LOCKED_VM.add(cpu, mm, pages);
        return true;
    }
}
