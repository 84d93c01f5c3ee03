package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;
import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Lru;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * mlock, munlock, mlockall and munlockall. Each takes mmap_sem itself, holds it for writing until the pages are there,
 * and may sleep.
 *
 * <p>Source: Linux 2.6.36 mm/mlock.c.
 */
public final class Mlock extends VmaModify {
    /** mlockall flag: what is mapped now. */
    public static final int MCL_CURRENT = 1;
    /** mlockall flag: what will be mapped. */
    public static final int MCL_FUTURE = 2;

    private static final long OFFSET_MASK = PAGE_SIZE - 1;

    private final Lru lru;
    private final MmapLock mmapLock;
    private final MunlockPages munlocks;
    private final Population population;
    private final Mms mms;

    /** Boot only. */
    public Mlock(Lru lru, Mms mms, Population population) {
        super(mms.vmas(), mms.merges());
        this.mms = mms;
        this.lru = lru;
        this.population = population;
        mmapLock = mms.mmapLock();
        munlocks = mms.munlocks();
    }

    /** setrlimit(RLIMIT_MEMLOCK) of a process that may not lock all it wants. Context: before it has threads. */
    public void limit(Cpu cpu, @Ref(MmStruct.class) long mm, long bytes) {
        MmStruct.MEMLOCK_LIMIT.set(cpu, mm, (bytes >> PAGE_SHIFT) + 1);
    }

    /**
     * mlock: 0, -EPERM (none is allowed), -ENOMEM (beyond the limit, or part of the range is not mapped or not
     * accessible), or -EAGAIN (no memory). What came before an error stays locked.
     */
    public int mlock(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        if (MmStruct.MEMLOCK_LIMIT.get(cpu, mm) == 1) {
            return Errno.EPERM;
        }
        lru.drainAll(cpu);
        return mlockDrained(cpu, mm, address, length);
    }

    /** {@link #mlock} from lru_add_drain_all on, which interrupts all CPUs. For scenarios of that part. */
    public int mlockDrained(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        long start = address & ~OFFSET_MASK;
        long end = address + length + OFFSET_MASK & ~OFFSET_MASK;
        mmapLock.writeLock(cpu, mm);
        int error = overLimit(cpu, mm, end - start >> PAGE_SHIFT)
                ? Errno.ENOMEM
                : doMlock(cpu, mm, start, end, VmArea.VM_LOCKED);
        mmapLock.writeUnlock(cpu, mm);
        return error;
    }

    /** munlock: 0, or -ENOMEM (part of the range is not mapped, or no memory to split a VMA). */
    public int munlock(Cpu cpu, @Ref(MmStruct.class) long mm, long address, long length) {
        long start = address & ~OFFSET_MASK;
        long end = address + length + OFFSET_MASK & ~OFFSET_MASK;
        mmapLock.writeLock(cpu, mm);
        int error = doMlock(cpu, mm, start, end, 0);
        mmapLock.writeUnlock(cpu, mm);
        return error;
    }

    /** mlockall: 0, -EINVAL, -EPERM or -ENOMEM (beyond the limit). Errors of single VMAs are no errors of it. */
    public int mlockall(Cpu cpu, @Ref(MmStruct.class) long mm, int flags) {
        if (flags == 0 || (flags & ~(MCL_CURRENT | MCL_FUTURE)) != 0) {
            return Errno.EINVAL;
        }
        if (MmStruct.MEMLOCK_LIMIT.get(cpu, mm) == 1) {
            return Errno.EPERM;
        }
        lru.drainAll(cpu);
        mmapLock.writeLock(cpu, mm);
        boolean current = (flags & MCL_CURRENT) != 0;
        long more = current ? MunlockPages.totalVm(cpu, mm) - MmStruct.LOCKED_VM.get(cpu, mm) : 0;
        int error = overLimit(cpu, mm, more) ? Errno.ENOMEM : 0;
        if (error == 0) {
            MmStruct.DEF_FLAGS.set(cpu, mm, (flags & MCL_FUTURE) != 0 ? VmArea.VM_LOCKED : 0);
            if (current) {
                changeAll(cpu, mm, VmArea.VM_LOCKED);
            }
        }
        mmapLock.writeUnlock(cpu, mm);
        return error;
    }

    /** munlockall: 0. */
    public int munlockall(Cpu cpu, @Ref(MmStruct.class) long mm) {
        mmapLock.writeLock(cpu, mm);
        MmStruct.DEF_FLAGS.set(cpu, mm, 0);
        changeAll(cpu, mm, 0);
        mmapLock.writeUnlock(cpu, mm);
        return 0;
    }

    /** True if {@code mm} may not lock {@code more} pages. Context: mmap_sem. */
    public static boolean overLimit(Cpu cpu, @Ref(MmStruct.class) long mm, long more) {
        long limit = MmStruct.MEMLOCK_LIMIT.get(cpu, mm);
        return limit != 0 && MmStruct.LOCKED_VM.readOnce(cpu, mm) + more > limit - 1;
    }

    /** do_mlockall. */
    private void changeAll(Cpu cpu, long mm, long locked) {
        long vma = MmStruct.MMAP.get(cpu, mm);
        // Ends: every round moves past the end of a VMA; merging only makes them fewer.
        while (vma != Cpu.NULL) {
            long end = VmArea.VM_END.get(cpu, vma);
            fixup(cpu, mm, vma, VmArea.VM_START.get(cpu, vma), end, locked);
            vma = VmaTree.find(cpu, mm, end);
        }
    }

    /** do_mlock: gives [start, end) the flag VM_LOCKED, or takes it. */
    private int doMlock(Cpu cpu, long mm, long start, long end, long locked) {
        return end < start ? Errno.EINVAL : change(cpu, mm, start, end, locked);
    }

    /** mlock_fixup. */
    @Override
    int fixup(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, long start, long end, long locked) {
        long oldFlags = VmArea.VM_FLAGS.get(cpu, vma);
        long flags = oldFlags & ~VmArea.VM_LOCKED | locked;
        if (flags == oldFlags) {
            return 0;
        }
        mms.splitHuge(cpu, mm, start, end);
        long changed = modify(cpu, mm, vma, start, end, flags);
        if (changed == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        long pages = end - start >> PAGE_SHIFT;
        MmStruct.LOCKED_VM.set(cpu, mm, MmStruct.LOCKED_VM.get(cpu, mm) + (locked != 0 ? pages : -pages));
        if (locked == 0) {
            munlocks.munlock(cpu, changed, start, end);
            return 0;
        }
        munlocks.setFlags(cpu, changed, flags);
        munlocks.mlockPresent(cpu, changed, start, end);
        return switch (population.mlockPages(cpu, changed, start, end)) {
            case 0 -> 0;
            case Errno.EFAULT -> Errno.ENOMEM;
            default -> Errno.EAGAIN;
        };
    }
}
