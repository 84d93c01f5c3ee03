package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.WaitQueue;
import kemu.mm.page.Gfp;
import kemu.mm.types.MmStruct;
import kemu.mm.vma.MmapLock;
import kemu.mm.vma.Mms;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;

/**
 * The address spaces that are scanned: they come by madvise and fork, and go by exit. Source: Linux 2.6.36 mm/ksm.c.
 */
final class KsmMms {
    private final KsmMemory memory;
    private final Mms mms;
    private final MmapLock mmapLock;

    /** Boot only. */
    KsmMms(KsmMemory memory, Mms mms) {
        this.memory = memory;
        this.mms = mms;
        mmapLock = mms.mmapLock();
    }

    private void lock(Cpu cpu) {
        SpinLock.lock(cpu, KsmScan.MMLIST_LOCK.of(memory.scan()));
    }

    private void unlock(Cpu cpu) {
        SpinLock.unlock(cpu, KsmScan.MMLIST_LOCK.of(memory.scan()));
    }

    /** True if no address space is scanned. */
    boolean none(Cpu cpu) {
        lock(cpu);
        boolean none = ListHead.empty(cpu, MmSlot.MM_LIST.of(memory.head()));
        unlock(cpu);
        return none;
    }

    /** __ksm_enter. */
    int enter(Cpu cpu, @Ref(MmStruct.class) long mm) {
        long slot = memory.slots().alloc(cpu, Gfp.KERNEL);
        if (slot == Cpu.NULL) {
            return kemu.mm.uapi.Errno.ENOMEM;
        }
        MmSlot.RMAP_LIST.set(cpu, slot, Cpu.NULL);
        MmSlot.MM.set(cpu, slot, mm);
        HList.initNode(cpu, MmSlot.LINK.of(slot));
        lock(cpu);
        boolean first = ListHead.empty(cpu, MmSlot.MM_LIST.of(memory.head()));
        HList.addHead(cpu, MmSlot.LINK.of(slot), memory.chainOf(mm));
        // Behind the scan: it comes last, and may be gone by then.
        long at = KsmScan.MM_SLOT.get(cpu, memory.scan());
        ListHead.addTail(cpu, MmSlot.MM_LIST.of(slot), MmSlot.MM_LIST.of(at));
        unlock(cpu);
        MmStruct.FLAGS.setBits(cpu, mm, MmStruct.MMF_VM_MERGEABLE);
        mms.mmgrab(cpu, mm);
        if (first) {
            WaitQueue.wakeAll(cpu, KsmScan.THREAD_WAIT.of(memory.scan()));
        }
        return 0;
    }

    /** __ksm_exit. */
    void exit(Cpu cpu, @Ref(MmStruct.class) long mm) {
        lock(cpu);
        long slot = find(cpu, mm);
        long at = KsmScan.MM_SLOT.get(cpu, memory.scan());
        boolean easy = false;
        if (slot != Cpu.NULL && slot != at) {
            easy = MmSlot.RMAP_LIST.get(cpu, slot) == Cpu.NULL;
            if (easy) {
                unlink(cpu, slot);
            } else {
                // Next to be scanned, which frees it.
                ListHead.move(cpu, MmSlot.MM_LIST.of(slot), MmSlot.MM_LIST.of(at));
            }
        }
        unlock(cpu);
        if (easy) {
            free(cpu, slot);
        } else if (slot != Cpu.NULL) {
            // Who scans it and saw users holds mmap_sem: wait until it lets go.
            mmapLock.writeLock(cpu, mm);
            mmapLock.writeUnlock(cpu, mm);
        }
    }

    /** Context: ksm_mmlist_lock. */
    private long find(Cpu cpu, long mm) {
        long at = HList.first(cpu, memory.chainOf(mm));
        while (at != Cpu.NULL && MmSlot.MM.get(cpu, MmSlot.LINK.containerOf(at)) != mm) {
            at = HList.next(cpu, at);
        }
        return at == Cpu.NULL ? Cpu.NULL : MmSlot.LINK.containerOf(at);
    }

    private static void unlink(Cpu cpu, long slot) {
        HList.delInit(cpu, MmSlot.LINK.of(slot));
        ListHead.del(cpu, MmSlot.MM_LIST.of(slot));
    }

    /** Gives up a slot that is on no list. */
    void free(Cpu cpu, @Ref(MmSlot.class) long slot) {
        long mm = MmSlot.MM.get(cpu, slot);
        memory.slots().free(cpu, slot);
        MmStruct.FLAGS.clearBits(cpu, mm, MmStruct.MMF_VM_MERGEABLE);
        mms.mmdrop(cpu, mm);
    }

    /**
     * The scan goes on to the next slot, {@code dropped} if the one it stands at leaves the list, and its rmap_items
     * are gone; the new one, or the head.
     */
    @Ref(MmSlot.class)
    long advance(Cpu cpu, boolean dropped) {
        lock(cpu);
        long at = KsmScan.MM_SLOT.get(cpu, memory.scan());
        long next = MmSlot.MM_LIST.containerOf(ListHead.next(cpu, MmSlot.MM_LIST.of(at)));
        KsmScan.MM_SLOT.set(cpu, memory.scan(), next);
        if (dropped) {
            unlink(cpu, at);
        }
        unlock(cpu);
        return next;
    }
}
