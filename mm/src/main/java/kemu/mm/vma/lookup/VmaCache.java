package kemu.mm.vma.lookup;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.order.Barriers;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskTable;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.lookup.SpfWords.OfMm;

/**
 * vmacache: each task remembers four VMAs that it found, and holds no reference to them. They count while the number
 * that goes with them is that of the mm, which one count up invalidates for all tasks.
 *
 * <p>What keeps a remembered VMA from being freed under a lookup that holds no mmap_sem (question 7 of KERNEL-FACTS,
 * K):
 *
 * <ul>
 *   <li>A lookup that finds the old number began before the count up. The tree's reference is put by a callback queued
 *       after it, so that grace period waits for the lookup, whoever puts the owner's reference.
 *   <li>A lookup that finds the new number walks a tree that the VMA has left, so it does not remember it again.
 * </ul>
 *
 * <p>So the count goes up after the VMA has left the tree and before its put is queued, and is read before the tree.
 * v12 as posted queues the put first ({@link AfterPut}).
 *
 * <p>Source: Linux 5.1 mm/vmacache.c, which tells slots by page tables; by pages, as here, until 4.18. find_vma under
 * mmap_sem, which fills it as well there, keeps the one VMA per mm of 2.6.36.
 */
class VmaCache {
    private static final int SLOTS = 4;
    private static final int SLOT_BYTES = Long.BYTES;

    private static final StructLayout.Builder S = StructLayout.struct("vmacache");
    /** The number of the mm for which the VMAs count. Own task. */
    private static final I64Field SEQNUM = S.i64("seqnum");
    /** The first of the VMAs; the others follow. Own task. */
    private static final I64Field VMAS = S.i64("vmas");
    /** Size and members. */
    private static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);
    /** Bytes of a task's cache. */
    static final int BYTES = LAYOUT.sizeBytes();

    /**
     * Who sees the new number sees the tree without the VMA; pairs with the fence of mm_seq that follows the erase.
     * Forbidden: a task remembers, for the new number, a VMA that has left the tree.
     */
    private static final int SEEN_NUMBER = Barriers.acquire("spf.SEEN_NUMBER");

    private final TaskTable tasks;
    private final long words;

    /** @param words of all tasks, one cache per slot of the task table, zeroed */
    VmaCache(Machine machine, long words) {
        tasks = Sched.of(machine).tasks();
        this.words = words;
    }

    private long of(long task) {
        return words + (long) tasks.slot(task) * BYTES;
    }

    /** vmacache_valid_mm. */
    private static boolean uses(Cpu cpu, long task, long mm) {
        return Task.MM.get(cpu, task) == mm && (Task.FLAGS.readOnce(cpu, task) & Task.PF_KTHREAD) == 0;
    }

    /** vmacache_flush: {@code task} has another mm. Context: its own task, or it does not run yet. */
    void flush(Cpu cpu, @Ref(Task.class) long task) {
        clear(cpu, of(task));
    }

    private static void clear(Cpu cpu, long cache) {
        for (int slot = 0; slot < SLOTS; slot++) {
            cpu.write64(VMAS.of(cache) + (long) slot * SLOT_BYTES, Cpu.NULL);
        }
    }

    /** vmacache_find: the VMA of {@code address}, or NULL if the task does not remember it. Context: RCU reader. */
    @Ref(VmArea.class)
    long find(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long task = Sched.current(cpu);
        if (!uses(cpu, task, mm)) {
            return Cpu.NULL;
        }
        long cache = of(task);
        long number = cpu.loadAcquire64(OfMm.VMACACHE_SEQNUM.of(SpfWords.ofMm(mm)), SEEN_NUMBER);
        if (number != SEQNUM.get(cpu, cache)) {
            SEQNUM.set(cpu, cache, number);
            clear(cpu, cache);
            return Cpu.NULL;
        }
        long first = slot(address);
        for (int i = 0; i < SLOTS; i++) {
            long vma = cpu.read64(VMAS.of(cache) + (first + i) % SLOTS * SLOT_BYTES);
            if (vma != Cpu.NULL
                    && VmArea.VM_START.readOnce(cpu, vma) <= address
                    && VmArea.VM_END.readOnce(cpu, vma) > address) {
                return vma;
            }
        }
        return Cpu.NULL;
    }

    /** vmacache_update: the task has found {@code vma}. Context: the RCU reader that {@link #find} was in. */
    void update(Cpu cpu, @Ref(MmStruct.class) long mm, long address, @Ref(VmArea.class) long vma) {
        long task = Sched.current(cpu);
        if (uses(cpu, task, mm)) {
            cpu.write64(VMAS.of(of(task)) + slot(address) * SLOT_BYTES, vma);
        }
    }

    private static long slot(long address) {
        return address >>> PAGE_SHIFT & SLOTS - 1;
    }

    /** vmacache_invalidate. Context: mmap_sem (W). */
    static void invalidate(Cpu cpu, @Ref(MmStruct.class) long mm) {
        long words = SpfWords.ofMm(mm);
        OfMm.VMACACHE_SEQNUM.writeOnce(cpu, words, OfMm.VMACACHE_SEQNUM.get(cpu, words) + 1);
    }

    // ---- when it is invalidated -------------------------------------------------------------------------------------

    /** A VMA has left the tree; the put of the tree's reference is not queued yet. Context: mmap_sem (W). */
    void erased(Cpu cpu, @Ref(MmStruct.class) long mm) {
        invalidate(cpu, mm);
    }

    /** All have left the tree that go in one munmap, and their puts are queued. Context: mmap_sem (W). */
    void erasedAll(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /** The owner has given up its reference. Context: mmap_sem. */
    void released(Cpu cpu, @Ref(MmStruct.class) long mm) {}

    /**
     * v12 as posted: __vma_rb_erase queues the put, __vma_unlink_common and detach_vmas_to_be_unmapped invalidate
     * afterwards. In between a grace period may begin that does not wait for a lookup that begins then; the owner's
     * reference waits for none.
     */
    static final class AfterPut extends VmaCache {
        AfterPut(Machine machine, long words) {
            super(machine, words);
        }

        @Override
        void erased(Cpu cpu, long mm) {}

        @Override
        void erasedAll(Cpu cpu, long mm) {
            invalidate(cpu, mm);
        }
    }

    /** Invalidated before the VMA leaves the tree would be as bad; here it is after the owner's reference is gone. */
    static final class AfterOwner extends VmaCache {
        AfterOwner(Machine machine, long words) {
            super(machine, words);
        }

        @Override
        void erased(Cpu cpu, long mm) {}

        @Override
        void released(Cpu cpu, long mm) {
            invalidate(cpu, mm);
        }
    }

    /** Never invalidated. */
    static final class Never extends VmaCache {
        Never(Machine machine, long words) {
            super(machine, words);
        }

        @Override
        void erased(Cpu cpu, long mm) {}
    }
}
