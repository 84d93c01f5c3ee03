package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.order.Order;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.RwSem;
import kemu.mm.file.AddressSpace;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * mm_take_all_locks: keeps every reverse-mapping walk out of one address space, for who must change something that such
 * walks read of it, as the registration of an mmu notifier does.
 *
 * <p>Locks of one class are taken in the order of VMAs, which differs between address spaces that share them; a mutex
 * lets in one task at a time, and nobody else holds two. A lock that several VMAs share is taken once: a mark, set and
 * cleared under it, says that it has been. Marks are read without their locks, which the mutex allows.
 *
 * <p>Lock order: mmap_sem (W) -> mm_all_locks_mutex -> i_mmap_locks -> anon_vma locks; the last two the other way round
 * where anon_vma locks sleep. Context: nothing may sleep while all are held, unless only sleeping locks are. Source:
 * Linux 2.6.36 mm/mmap.c. There the mark of an anon_vma is the lowest bit of its list's first link, which other tasks
 * change under the lock while the mark is looked for: a data race. Here it is a bit of the reference count, which is
 * changed by atomics only.
 */
public class MmAllLocks {
    private static final LockClass MUTEX = LockClass.of("mm_all_locks_mutex");

    private final AnonVmaLocking locking;
    private final long mutex;

    /** Boot only; one for all address spaces. */
    public MmAllLocks(Cpu boot, PageAllocator pages, AnonVmaLocking locking) {
        this.locking = locking;
        long page = pages.allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0);
        if (page == Cpu.NULL) {
            throw new IllegalStateException("memory is too small to boot: no room for mm_all_locks_mutex");
        }
        mutex = pages.frameOf(page);
        Mutex.init(boot, mutex, MUTEX);
    }

    /** mm_take_all_locks. Context: mmap_sem (W), may sleep. */
    public final void take(Cpu cpu, @Ref(MmStruct.class) long mm) {
        enter(cpu, mutex);
        if (locking.maySleep()) {
            anonVmas(cpu, mm, true);
            files(cpu, mm, true);
        } else {
            files(cpu, mm, true);
            anonVmas(cpu, mm, true);
        }
    }

    /** mm_drop_all_locks. Context: as {@link #take} has left it. */
    public final void drop(Cpu cpu, @Ref(MmStruct.class) long mm) {
        if (locking.maySleep()) {
            files(cpu, mm, false);
            anonVmas(cpu, mm, false);
        } else {
            anonVmas(cpu, mm, false);
            files(cpu, mm, false);
        }
        leave(cpu, mutex);
    }

    /** Lets in one task at a time. */
    protected void enter(Cpu cpu, @Ref(Mutex.class) long only) {
        Mutex.lock(cpu, only);
    }

    /** Undoes {@link #enter}. */
    protected void leave(Cpu cpu, @Ref(Mutex.class) long only) {
        Mutex.unlock(cpu, only);
    }

    /** True if the lock in {@code owner}, an anon_vma, is marked; asked to {@code take} locks, or to drop them. */
    protected boolean isMarked(Cpu cpu, @Ref(AnonVma.class) long owner, boolean take) {
        return (AnonVma.REFCOUNT.readOnce(cpu, owner) & AnonVma.ALL_LOCKS) != 0;
    }

    /** Marks it, or takes the mark away. */
    protected void mark(Cpu cpu, @Ref(AnonVma.class) long owner, boolean value) {
        // The count of users may change meanwhile, by those who pin.
        cpu.fetchAdd32(AnonVma.REFCOUNT.of(owner), value ? AnonVma.ALL_LOCKS : -AnonVma.ALL_LOCKS, Order.RELAXED);
    }

    private void files(Cpu cpu, long mm, boolean take) {
        for (long vma = MmStruct.MMAP.get(cpu, mm); vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            long file = VmArea.VM_FILE.get(cpu, vma);
            boolean marked =
                    file != Cpu.NULL && (AddressSpace.FLAGS.readOnce(cpu, file) & AddressSpace.AS_MM_ALL_LOCKS) != 0;
            if (file == Cpu.NULL || marked == take) {
                continue;
            }
            int flag = AddressSpace.AS_MM_ALL_LOCKS;
            if (take) {
                SpinLock.lockNestLock(cpu, AddressSpace.I_MMAP_LOCK.of(file));
                cpu.fetchOr32(AddressSpace.FLAGS.of(file), flag, Order.RELAXED);
            } else {
                cpu.fetchAnd32(AddressSpace.FLAGS.of(file), ~flag, Order.RELAXED);
                SpinLock.unlock(cpu, AddressSpace.I_MMAP_LOCK.of(file));
            }
        }
    }

    private void anonVmas(Cpu cpu, long mm, boolean take) {
        for (long vma = MmStruct.MMAP.get(cpu, mm); vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            long head = VmArea.ANON_VMA_CHAIN.of(vma);
            for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
                long anonVma = AnonVmaChain.ANON_VMA.get(cpu, AnonVmaChain.SAME_VMA.containerOf(at));
                long owner = locking.lockOwner(cpu, anonVma);
                if (isMarked(cpu, owner, take) != take) {
                    lockOrUnlock(cpu, owner, take);
                }
            }
        }
    }

    private void lockOrUnlock(Cpu cpu, long owner, boolean take) {
        if (!take) {
            mark(cpu, owner, false);
        }
        if (!locking.maySleep()) {
            if (take) {
                SpinLock.lockNestLock(cpu, AnonVma.LOCK.of(owner));
            } else {
                SpinLock.unlock(cpu, AnonVma.LOCK.of(owner));
            }
        } else if (take) {
            RwSem.downWriteNestLock(cpu, AnonVma.RWSEM.of(owner));
        } else {
            RwSem.upWrite(cpu, AnonVma.RWSEM.of(owner));
        }
        if (take) {
            mark(cpu, owner, true);
        }
    }
}
