package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaMemory;

/**
 * vm_refcnt: 0 while a VMA is detached, 1 while it is attached, 1 more per reader, and a high bit while a writer waits
 * for readers to go. VMAs come from a type-stable slab, so a reader may try to count itself on any VMA that it has seen
 * under RCU, whatever that is by now.
 *
 * <p>Source: Linux 6.15 include/linux/mm.h, include/linux/refcount.h, mm/memory.c.
 */
final class VmaRefcount {
    /** VMA_LOCK_OFFSET: a writer waits for readers, and keeps new ones out. */
    static final int WRITER = 0x4000_0000;

    /** The words of a VMA. */
    static final class OfVma {
        private static final StructLayout.Builder S = StructLayout.struct("vma_refcount");
        /** See above. Atomics. */
        static final I32Field REFCNT = S.i32("vm_refcnt");
        /** mm_lock_seq of the last writer. Written by the writer, read by all who have seen the VMA. */
        static final I32Field LOCK_SEQ = S.i32("vm_lock_seq");
        /** Size and members. */
        static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

        private OfVma() {}
    }

    /** The words of an mm. */
    static final class OfMm {
        private static final StructLayout.Builder S = StructLayout.struct("mm_vma_refcount");
        /** Odd while mmap_sem is held for writing. Written by the writer. */
        static final I32Field LOCK_SEQ = S.i32("mm_lock_seq");
        /** rcuwait: the task that waits for readers of a VMA, or NULL. Written by that task. */
        static final RefField WRITER_WAIT = S.ref("vma_writer_wait", Task.class);
        /** Where readers find VMAs. */
        static final Embedded MM_MT = S.embed("mm_mt", RangeTree.LAYOUT);
        /** Size and members. */
        static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

        private OfMm() {}
    }

    /** Type-stable VMAs with these words. */
    static final VmaMemory MEMORY = new VmaMemory(
            OfMm.LAYOUT.sizeBytes(),
            OfVma.LAYOUT.sizeBytes(),
            SlabAllocator.SLAB_DESTROY_BY_RCU,
            VmaRefcount::construct);

    /** The same, and a freed VMA waits for a grace period before its slot is used again. */
    static final VmaMemory AFTER_GRACE_PERIOD = new VmaMemory(
            OfMm.LAYOUT.sizeBytes(),
            OfVma.LAYOUT.sizeBytes(),
            SlabAllocator.SLAB_DESTROY_BY_RCU | SlabAllocator.SLAB_OBJECT_RCU,
            VmaRefcount::construct);

    /** A reader counts itself: what the last writer did is in sight. Pairs with {@link #ATTACH} and {@link #PUT}. */
    private static final int READ = Barriers.acquire("vma_refcount.READ");
    /** The reader's accesses stay before it goes; pairs with {@link #READERS_GONE}. */
    private static final int PUT = Barriers.release("vma_refcount.PUT");
    /** The writer sees what readers did that it waited for. */
    private static final int READERS_GONE = Barriers.acquire("vma_refcount.READERS_GONE");
    /** The VMA's number of its writer is there before readers may count themselves again; pairs with {@link #READ}. */
    private static final int LET_IN = Barriers.release("vma_refcount.LET_IN");
    /** The count is down before the look whether somebody waits; pairs with the fence of the sleeper's state. */
    private static final int WAKE = Barriers.fence("vma_refcount.WAKE");

    private VmaRefcount() {}

    private static long words(long vma) {
        return vma + VmArea.LAYOUT.sizeBytes();
    }

    /** The words of {@code mm}. */
    static long ofMm(@Ref(MmStruct.class) long mm) {
        return mm + MmStruct.LAYOUT.sizeBytes();
    }

    private static void construct(Cpu cpu, long vma) {
        OfVma.REFCNT.writeOnce(cpu, words(vma), 0);
    }

    /** vma_lock_init: detached, and never written to. */
    static void init(Cpu cpu, @Ref(VmArea.class) long vma) {
        // Early lookers of the slot's last life read it.
        OfVma.LOCK_SEQ.writeOnce(cpu, words(vma), -1);
    }

    /** READ_ONCE(vma->vm_lock_seq). */
    static int lockSeq(Cpu cpu, @Ref(VmArea.class) long vma) {
        return OfVma.LOCK_SEQ.readOnce(cpu, words(vma));
    }

    /** WRITE_ONCE(vma->vm_lock_seq, ...). */
    static void setLockSeq(Cpu cpu, @Ref(VmArea.class) long vma, int seq) {
        OfVma.LOCK_SEQ.writeOnce(cpu, words(vma), seq);
    }

    /** __refcount_inc_not_zero_limited_acquire: the old count; if that is 0 or has {@link #WRITER} nothing changed. */
    static int tryGet(Cpu cpu, @Ref(VmArea.class) long vma) {
        long count = OfVma.REFCNT.of(words(vma));
        int seen = OfVma.REFCNT.readOnce(cpu, words(vma));
        // Ends: a failed exchange means another CPU's succeeded.
        while (seen != 0 && (seen & WRITER) == 0) {
            int old = cpu.cmpxchg32(count, seen, seen + 1, READ);
            if (old == seen) {
                break;
            }
            seen = old;
        }
        return seen;
    }

    /** __refcount_dec_and_test of a reader; true if a writer waits and this was the last reader. */
    static boolean put(Cpu cpu, @Ref(VmArea.class) long vma) {
        int old = cpu.fetchAdd32(OfVma.REFCNT.of(words(vma)), -1, PUT);
        if (old == 0) {
            throw new KernelBug(
                    FailureKind.CORRUPTION,
                    "BUG: refcount_t: underflow of vm_refcnt of vma 0x" + Long.toHexString(vma));
        }
        return (old & WRITER) != 0 && old - 1 <= WRITER + 1;
    }

    /** vma_mark_attached: readers may come. Release. */
    static void attach(Cpu cpu, @Ref(VmArea.class) long vma) {
        OfVma.REFCNT.release(cpu, words(vma), 1);
    }

    /** The attached VMA's own count goes; true if no reader is left. */
    static boolean detach(Cpu cpu, @Ref(VmArea.class) long vma) {
        return OfVma.REFCNT.addReturn(cpu, words(vma), -1) == 0;
    }

    /**
     * __vma_enter_locked: keeps readers out and waits until none is left; false, at once, if the VMA is detached.
     *
     * @param counted what is left without readers: 1, or 0 while detaching
     */
    static boolean enterLocked(Cpu cpu, @Ref(VmArea.class) long vma, int counted) {
        if (!OfVma.REFCNT.addUnless(cpu, words(vma), WRITER, 0)) {
            return false;
        }
        waitForReaders(cpu, vma, WRITER + counted);
        return true;
    }

    /** __vma_exit_locked: lets readers in; the count that is left. */
    static int exitLocked(Cpu cpu, @Ref(VmArea.class) long vma) {
        return cpu.fetchAdd32(OfVma.REFCNT.of(words(vma)), -WRITER, LET_IN) - WRITER;
    }

    /** rcuwait_wait_event. */
    private static void waitForReaders(Cpu cpu, long vma, int target) {
        if (cpu.loadAcquire32(OfVma.REFCNT.of(words(vma)), READERS_GONE) == target) {
            return;
        }
        long waiter = ofMm(VmArea.VM_MM.get(cpu, vma));
        OfMm.WRITER_WAIT.writeOnce(cpu, waiter, Sched.current(cpu));
        Sched.setState(cpu, Task.UNINTERRUPTIBLE);
        // Ends when the last reader wakes us.
        while (cpu.loadAcquire32(OfVma.REFCNT.of(words(vma)), READERS_GONE) != target) {
            Sched.of(cpu).schedule(cpu);
            Sched.setState(cpu, Task.UNINTERRUPTIBLE);
        }
        Task.STATE.writeOnce(cpu, Sched.current(cpu), Task.RUNNING);
        OfMm.WRITER_WAIT.writeOnce(cpu, waiter, Cpu.NULL);
    }

    /** rcuwait_wake_up: wakes the task that waits for readers of a VMA of {@code mm}, if one does. */
    static void wakeWriter(Cpu cpu, @Ref(MmStruct.class) long mm) {
        cpu.smpMb(WAKE);
        long task = OfMm.WRITER_WAIT.readOnce(cpu, ofMm(mm));
        if (task != Cpu.NULL) {
            Sched.of(cpu).wakeUp(cpu, task);
        }
    }
}
