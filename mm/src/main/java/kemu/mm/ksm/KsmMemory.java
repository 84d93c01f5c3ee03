package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.WaitQueue;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.rmap.AnonVmaRefs;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.AnonVma;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;
import kemu.rcu.list.RbTree;

/** The memory of KSM: its globals, a frame with the hash table of slots after them, and its slab caches. */
final class KsmMemory {
    private static final LockClass MMLIST_LOCK = LockClass.of("ksm_mmlist_lock");
    private static final LockClass THREAD_MUTEX = LockClass.of("ksm_thread_mutex");
    private static final int HASH_AT = 1024;

    private final VmStat vmStat;
    private final AnonVmaRefs anonVmas;
    private final KsmRules rules;
    private final long scan;
    private final KmemCache slots;
    private final KmemCache items;
    private final KmemCache nodes;

    /** Boot only. */
    KsmMemory(
            Machine machine,
            VmStat vmStat,
            PageAllocator pages,
            SlabAllocator slabs,
            AnonVmaRefs anonVmas,
            KsmRules rules) {
        this.vmStat = vmStat;
        this.anonVmas = anonVmas;
        this.rules = rules;
        Cpu boot = machine.bootCpu();
        long frame = pages.frameOf(pages.allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0));
        machine.memory().symbols().region(frame, PhysMem.PAGE_SIZE, "ksm_scan");
        scan = frame;
        RbTree.init(boot, stableTree());
        RbTree.init(boot, unstableTree());
        ListHead.init(boot, MmSlot.MM_LIST.of(head()));
        KsmScan.MM_SLOT.set(boot, scan, head());
        SpinLock.init(boot, KsmScan.MMLIST_LOCK.of(scan), MMLIST_LOCK);
        Mutex.init(boot, KsmScan.THREAD_MUTEX.of(scan), THREAD_MUTEX);
        WaitQueue.init(boot, KsmScan.THREAD_WAIT.of(scan));
        for (long at = frame + HASH_AT; at < frame + PhysMem.PAGE_SIZE; at += Long.BYTES) {
            HList.initHead(boot, at);
        }
        int panic = SlabAllocator.SLAB_PANIC;
        slots = slabs.create(boot, "ksm_mm_slot", MmSlot.LAYOUT.sizeBytes(), 8, panic, null);
        items = slabs.create(boot, "ksm_rmap_item", RmapItem.LAYOUT.sizeBytes(), 8, panic, null);
        nodes = slabs.create(boot, "ksm_stable_node", StableNode.LAYOUT.sizeBytes(), 8, panic, null);
    }

    /** The globals. */
    @Ref(KsmScan.class)
    long scan() {
        return scan;
    }

    /** ksm_mm_head. */
    @Ref(MmSlot.class)
    long head() {
        return KsmScan.MM_HEAD.of(scan);
    }

    long stableTree() {
        return KsmScan.STABLE_TREE.of(scan);
    }

    long unstableTree() {
        return KsmScan.UNSTABLE_TREE.of(scan);
    }

    /** The chain of the hash table on which the slot of {@code mm} is. */
    @Ref(HList.Head.class)
    long chainOf(long mm) {
        long hash = (mm >>> 6) * 0x9E37_79B9_7F4A_7C15L;
        int heads = (PhysMem.PAGE_SIZE - HASH_AT) / Long.BYTES;
        return scan + HASH_AT + Long.remainderUnsigned(hash, heads) * Long.BYTES;
    }

    KmemCache slots() {
        return slots;
    }

    KmemCache items() {
        return items;
    }

    KmemCache nodes() {
        return nodes;
    }

    /**
     * hold_anon_vma: the item keeps {@code anonVma} while it is stable. Context: mmap_sem (R) of a VMA that is linked
     * to it.
     */
    void holdAnonVma(Cpu cpu, @Ref(RmapItem.class) long item, @Ref(AnonVma.class) long anonVma) {
        RmapItem.ANON_VMA.set(cpu, item, anonVma);
        if (rules.holdsAnonVma()) {
            anonVmas.get(cpu, anonVma);
        }
    }

    /** drop_anon_vma. Context: no lock; may sleep with some strategies. */
    void dropAnonVma(Cpu cpu, @Ref(RmapItem.class) long item) {
        if (rules.holdsAnonVma()) {
            anonVmas.put(cpu, RmapItem.ANON_VMA.get(cpu, item));
        }
    }

    /** True if items hold references. */
    boolean holds() {
        return rules.holdsAnonVma();
    }

    void count(Cpu cpu, VmStatItem item, long delta) {
        vmStat.addLate(cpu, item, delta);
    }
}
