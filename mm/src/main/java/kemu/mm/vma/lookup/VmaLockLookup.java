package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.kernel.locking.LockClass;
import kemu.kernel.task.RwSem;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.lookup.VmaLockWords.OfMm;
import kemu.mm.vma.lookup.VmaLockWords.OfVma;
import kemu.rcu.RcuHead;

/**
 * Per-VMA locks: a rw_semaphore in each VMA, which faults take for reading, and a number. A VMA is locked for writing
 * while its number is that of its mm, so one count up unlocks all; a writer holds the rw_semaphore only to set the
 * number. VMAs are freed after a grace period.
 *
 * <p>Only faults on anonymous memory with an anon_vma are served: others look at neighbours, which are not locked.
 * Locks: mmap_sem (W), then the VMA's, which faults only try. Source: Linux 6.4.10 include/linux/mm.h,
 * vma_start_read(), vma_start_write(); mm/memory.c, lock_vma_under_rcu().
 */
class VmaLockLookup extends RangeTreeLookup {
    static final String NAME = "per-vma-lock";
    static final String FIRST = "per-vma-lock-6.4.0";
    static final String FORK = "per-vma-lock-6.4.2";

    private static final LockClass VM_LOCK = LockClass.of("vma->vm_lock");
    /** What {@link #tryStartRead} returns of a VMA without anon_vma; no VMA lies there. */
    static final long NO_ANON_VMA = -1;

    private final String name;
    /** 6.4.0 to 6.4.9: anon_vma is looked at before the VMA is locked. */
    private final boolean looksFirst;
    /** False in 6.4.0 to 6.4.2: fork copies VMAs that it has not locked. */
    private final boolean locksForFork;

    private final LockSeqOrder order;
    private final KmemCache vmas;
    private final int vmaFree;

    VmaLockLookup(String name, boolean looksFirst, boolean locksForFork, LockSeqOrder order, VmaServices services) {
        super(services);
        this.name = name;
        this.looksFirst = looksFirst;
        this.locksForFork = locksForFork;
        this.order = order;
        vmas = services.vmas();
        vmaFree = rcu().registerCallback("vm_area_free_rcu_cb", this::free);
    }

    private void free(Cpu cpu, long head) {
        vmas.free(cpu, OfVma.VM_RCU.containerOf(head) - VmArea.LAYOUT.sizeBytes());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    long treeOf(long mm) {
        return OfMm.MM_MT.of(VmaLockWords.ofMm(mm));
    }

    // ---- faults ---------------------------------------------------------------------------------------------------

    @Override
    public boolean findsAnonVma() {
        return true;
    }

    @Override
    public long startRead(Cpu cpu, long mm, long address) {
        long vma = tryStartRead(cpu, mm, address);
        return vma == NO_ANON_VMA ? Cpu.NULL : vma;
    }

    /** lock_vma_under_rcu: the VMA, locked; or NULL, or {@link #NO_ANON_VMA}, with nothing locked. */
    final long tryStartRead(Cpu cpu, long mm, long address) {
        rcu().readLock(cpu);
        long vma = walk(cpu, mm, address);
        // Ends: a VMA that is detached has left the tree.
        while (vma != Cpu.NULL) {
            if (looksFirst && VmArea.ANON_VMA.readOnce(cpu, vma) == Cpu.NULL || !tryRead(cpu, mm, vma)) {
                vma = Cpu.NULL;
            } else if (OfVma.DETACHED.get(cpu, VmaLockWords.ofVma(vma)) != 0) {
                unlock(cpu, vma);
                vma = walkAgain(cpu, mm, address);
            } else {
                break;
            }
        }
        long result = vma;
        if (vma != Cpu.NULL && !serves(cpu, vma, address)) {
            result = Cpu.NULL;
        } else if (vma != Cpu.NULL && !looksFirst && VmArea.ANON_VMA.readOnce(cpu, vma) == Cpu.NULL) {
            result = NO_ANON_VMA;
        }
        if (result != vma) {
            unlock(cpu, vma);
        }
        rcu().readUnlock(cpu);
        return result;
    }

    /** vma_start_read: it may say locked of a VMA that is not, never the other way. */
    private boolean tryRead(Cpu cpu, long mm, long vma) {
        long words = VmaLockWords.ofVma(vma);
        long seq = OfMm.LOCK_SEQ.of(VmaLockWords.ofMm(mm));
        if (OfVma.LOCK_SEQ.readOnce(cpu, words) == order.early(cpu, seq)
                || !RwSem.tryDownRead(cpu, OfVma.LOCK.of(words))) {
            return false;
        }
        // While we share the lock the VMA's number stays. If it is not the mm's, what the last writer did shows.
        if (OfVma.LOCK_SEQ.readOnce(cpu, words) == order.locked(cpu, seq)) {
            unlock(cpu, vma);
            return false;
        }
        return true;
    }

    private static boolean serves(Cpu cpu, long vma, long address) {
        return address >= VmArea.VM_START.get(cpu, vma)
                && address < VmArea.VM_END.get(cpu, vma)
                && VmArea.VM_FILE.get(cpu, vma) == Cpu.NULL;
    }

    private static void unlock(Cpu cpu, long vma) {
        RwSem.upRead(cpu, OfVma.LOCK.of(VmaLockWords.ofVma(vma)));
    }

    @Override
    public void endRead(Cpu cpu, long vma) {
        // The VMA may be freed as soon as it is unlocked, and upRead looks at it still.
        rcu().readLock(cpu);
        unlock(cpu, vma);
        rcu().readUnlock(cpu);
    }

    // ---- writers --------------------------------------------------------------------------------------------------

    @Override
    public void initMm(Cpu cpu, long mm) {
        super.initMm(cpu, mm);
        OfMm.LOCK_SEQ.writeOnce(cpu, VmaLockWords.ofMm(mm), 0);
    }

    @Override
    public void initVma(Cpu cpu, long vma) {
        long words = VmaLockWords.ofVma(vma);
        RwSem.init(cpu, OfVma.LOCK.of(words), VM_LOCK);
        OfVma.LOCK_SEQ.writeOnce(cpu, words, -1);
        OfVma.DETACHED.set(cpu, words, 1);
        RcuHead.FUNC.set(cpu, OfVma.VM_RCU.of(words), 0);
    }

    @Override
    public void startWrite(Cpu cpu, long vma) {
        long words = VmaLockWords.ofVma(vma);
        int seq = OfMm.LOCK_SEQ.get(cpu, VmaLockWords.ofMm(VmArea.VM_MM.get(cpu, vma)));
        if (OfVma.LOCK_SEQ.readOnce(cpu, words) != seq) {
            RwSem.downWrite(cpu, OfVma.LOCK.of(words));
            OfVma.LOCK_SEQ.writeOnce(cpu, words, seq);
            RwSem.upWrite(cpu, OfVma.LOCK.of(words));
        }
    }

    /** Source: Linux fb49c455323f (6.4.3). */
    @Override
    public void startCopy(Cpu cpu, long vma) {
        if (locksForFork) {
            startWrite(cpu, vma);
        }
    }

    @Override
    public void writeUnlocking(Cpu cpu, long mm) {
        long words = VmaLockWords.ofMm(mm);
        order.unlockAll(cpu, OfMm.LOCK_SEQ.of(words), OfMm.LOCK_SEQ.get(cpu, words) + 1);
    }

    @Override
    public boolean downgrades() {
        return true;
    }

    @Override
    public void attached(Cpu cpu, long vma) {
        OfVma.DETACHED.set(cpu, VmaLockWords.ofVma(vma), 0);
    }

    @Override
    public void detached(Cpu cpu, long vma) {
        OfVma.DETACHED.set(cpu, VmaLockWords.ofVma(vma), 1);
    }

    /** vm_area_free. */
    @Override
    public boolean release(Cpu cpu, long vma) {
        rcu().callRcu(cpu, OfVma.VM_RCU.of(VmaLockWords.ofVma(vma)), vmaFree);
        return false;
    }

    @Override
    public boolean waitsForGracePeriod(Cpu cpu, long vma) {
        return RcuHead.isQueued(RcuHead.FUNC.get(cpu, OfVma.VM_RCU.of(VmaLockWords.ofVma(vma))));
    }
}
