package kemu.mm.khugepaged;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.WaitQueue;
import kemu.mm.huge.HugeScanning;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.MmStruct;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.Mms;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;

/**
 * The address spaces that khugepaged scans, in a list and in a hash table: they come by faults, fork and merges of
 * VMAs, and go when their last user goes. A slot at which the scan stands is the scan's to free; whoever exits waits
 * until it has let go of mmap_sem, and from then on it sees that there are no users.
 *
 * <p>Source: Linux 2.6.38 mm/huge_memory.c, __khugepaged_enter(), __khugepaged_exit().
 */
final class KhugepagedMms implements HugeScanning {
    private static final LockClass MM_LOCK = LockClass.of("khugepaged_mm_lock");
    private static final LockClass THREAD_MUTEX = LockClass.of("khugepaged_mutex");
    private static final int HASH_AT = 1024;

    private final Mms mms;
    private final boolean exitWaits;
    private final @Ref(KhugepagedScan.class) long scan;
    private final long lock;
    private final KmemCache slots;

    /** Boot only. */
    KhugepagedMms(Machine machine, PageAllocator pages, SlabAllocator slabs, Mms mms, boolean exitWaits) {
        this.mms = mms;
        this.exitWaits = exitWaits;
        Cpu boot = machine.bootCpu();
        long frame = pages.frameOf(pages.allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0));
        machine.memory().symbols().region(frame, PhysMem.PAGE_SIZE, "khugepaged_scan");
        scan = frame;
        lock = KhugepagedScan.MM_LOCK.of(scan);
        ListHead.init(boot, KhugepagedScan.MM_HEAD.of(scan));
        SpinLock.init(boot, lock, MM_LOCK);
        Mutex.init(boot, KhugepagedScan.THREAD_MUTEX.of(scan), THREAD_MUTEX);
        WaitQueue.init(boot, KhugepagedScan.THREAD_WAIT.of(scan));
        for (long at = frame + HASH_AT; at < frame + PhysMem.PAGE_SIZE; at += Long.BYTES) {
            HList.initHead(boot, at);
        }
        slots = slabs.create(
                boot, "khugepaged_mm_slot", HugeSlot.LAYOUT.sizeBytes(), 8, SlabAllocator.SLAB_PANIC, null);
    }

    /** The globals. */
    @Ref(KhugepagedScan.class)
    long scan() {
        return scan;
    }

    /** khugepaged_test_exit: true if {@code mm} has no user any more. */
    static boolean exits(Cpu cpu, @Ref(MmStruct.class) long mm) {
        return MmStruct.MM_USERS.readOnce(cpu, mm) == 0;
    }

    /** True if no address space is scanned. */
    boolean none(Cpu cpu) {
        SpinLock.lock(cpu, lock);
        boolean none = ListHead.empty(cpu, KhugepagedScan.MM_HEAD.of(scan));
        SpinLock.unlock(cpu, lock);
        return none;
    }

    @Override
    public int enter(Cpu cpu, @Ref(MmStruct.class) long mm) {
        long slot = slots.alloc(cpu, Gfp.KERNEL);
        if (slot == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        // Two threads of it may fault at once.
        if (MmStruct.FLAGS.testAndSetBits(cpu, mm, MmStruct.MMF_VM_HUGEPAGE)) {
            slots.free(cpu, slot);
            return 0;
        }
        HugeSlot.MM.set(cpu, slot, mm);
        HList.initNode(cpu, HugeSlot.HASH.of(slot));
        SpinLock.lock(cpu, lock);
        HList.addHead(cpu, HugeSlot.HASH.of(slot), chainOf(mm));
        boolean first = ListHead.empty(cpu, KhugepagedScan.MM_HEAD.of(scan));
        // Behind the scan: it comes last, and may be gone by then.
        ListHead.addTail(cpu, HugeSlot.MM_NODE.of(slot), KhugepagedScan.MM_HEAD.of(scan));
        SpinLock.unlock(cpu, lock);
        mms.mmgrab(cpu, mm);
        if (first) {
            WaitQueue.wakeAll(cpu, KhugepagedScan.THREAD_WAIT.of(scan));
        }
        return 0;
    }

    @Override
    public void exit(Cpu cpu, @Ref(MmStruct.class) long mm) {
        SpinLock.lock(cpu, lock);
        long slot = find(cpu, mm);
        boolean mine = slot != Cpu.NULL && slot != KhugepagedScan.MM_SLOT.get(cpu, scan);
        if (mine) {
            unlink(cpu, slot);
        }
        SpinLock.unlock(cpu, lock);
        if (mine) {
            free(cpu, slot);
        } else if (slot != Cpu.NULL && exitWaits) {
            // Who scans it and saw users holds mmap_sem: wait until it lets go.
            mms.mmapLock().writeLock(cpu, mm);
            mms.mmapLock().writeUnlock(cpu, mm);
        }
    }

    /** The chain of the hash table on which the slot of {@code mm} is. */
    private long chainOf(long mm) {
        long hash = (mm >>> 6) * 0x9E37_79B9_7F4A_7C15L;
        int heads = (PhysMem.PAGE_SIZE - HASH_AT) / Long.BYTES;
        return scan + HASH_AT + Long.remainderUnsigned(hash, heads) * Long.BYTES;
    }

    /** get_mm_slot. Context: khugepaged_mm_lock. */
    private long find(Cpu cpu, long mm) {
        long at = HList.first(cpu, chainOf(mm));
        while (at != Cpu.NULL && HugeSlot.MM.get(cpu, HugeSlot.HASH.containerOf(at)) != mm) {
            at = HList.next(cpu, at);
        }
        return at == Cpu.NULL ? Cpu.NULL : HugeSlot.HASH.containerOf(at);
    }

    private static void unlink(Cpu cpu, long slot) {
        HList.delInit(cpu, HugeSlot.HASH.of(slot));
        ListHead.del(cpu, HugeSlot.MM_NODE.of(slot));
    }

    /** Gives up a slot that is on no list. */
    private void free(Cpu cpu, long slot) {
        long mm = HugeSlot.MM.get(cpu, slot);
        MmStruct.FLAGS.clearBits(cpu, mm, MmStruct.MMF_VM_HUGEPAGE);
        slots.free(cpu, slot);
        mms.mmdrop(cpu, mm);
    }

    /** The slot that the scan stands at, the first if it stands at none; NULL if there is none. */
    @Ref(HugeSlot.class)
    long current(Cpu cpu) {
        SpinLock.lock(cpu, lock);
        long slot = KhugepagedScan.MM_SLOT.get(cpu, scan);
        if (slot == Cpu.NULL && !ListHead.empty(cpu, KhugepagedScan.MM_HEAD.of(scan))) {
            slot = HugeSlot.MM_NODE.containerOf(ListHead.first(cpu, KhugepagedScan.MM_HEAD.of(scan)));
            KhugepagedScan.MM_SLOT.set(cpu, scan, slot);
            KhugepagedScan.ADDRESS.set(cpu, scan, 0);
        }
        SpinLock.unlock(cpu, lock);
        return slot;
    }

    /**
     * The scan leaves {@code slot}, at which it stands, and frees it if its address space has no users
     * (collect_mm_slot); true if that was the last of the round. Context: not mmap_sem.
     */
    boolean leave(Cpu cpu, @Ref(HugeSlot.class) long slot) {
        SpinLock.lock(cpu, lock);
        long next = ListHead.next(cpu, HugeSlot.MM_NODE.of(slot));
        boolean last = next == KhugepagedScan.MM_HEAD.of(scan);
        KhugepagedScan.MM_SLOT.set(cpu, scan, last ? Cpu.NULL : HugeSlot.MM_NODE.containerOf(next));
        KhugepagedScan.ADDRESS.set(cpu, scan, 0);
        boolean exits = exits(cpu, HugeSlot.MM.get(cpu, slot));
        if (exits) {
            unlink(cpu, slot);
        }
        SpinLock.unlock(cpu, lock);
        if (exits) {
            free(cpu, slot);
        }
        return last;
    }
}
