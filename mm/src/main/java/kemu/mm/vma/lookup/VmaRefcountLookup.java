package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.lookup.VmaRefcount.OfMm;

/**
 * Per-VMA locks made of a reference count, {@link VmaRefcount}. A VMA is locked for writing while its number is that of
 * its mm, so one count up unlocks all. A reader that counts itself sees the number afterwards; a writer sets the number
 * while it keeps readers from counting themselves: one of the two gives way.
 *
 * <p>Locks: mmap_sem (W) around all writers' calls; a fault waits for nothing. Source: Linux 6.15 to 6.17
 * include/linux/mm.h and mm/memory.c, lock_vma_under_rcu(), __vma_start_write(), vma_mark_detached().
 */
class VmaRefcountLookup extends RangeTreeLookup {
    static final String NAME = "per-vma-refcount";
    static final String SHIPPED = "per-vma-refcount-6.15";
    static final String NO_WAKE = "per-vma-refcount-no-wake";
    static final String OBJECT_RCU = "per-vma-refcount-object-rcu";

    /**
     * What a writer did to its VMAs is in sight of those who see them unlocked; pairs with {@link #SEEN_UNLOCKED}.
     * Linux has a store fence of a sequence count here.
     */
    private static final int UNLOCK_ALL = Barriers.release("vma_refcount.UNLOCK_ALL");
    /** Pairs with {@link #UNLOCK_ALL}. */
    private static final int SEEN_UNLOCKED = Barriers.acquire("vma_refcount.SEEN_UNLOCKED");

    /**
     * A fault may see this number in place of the last writer's, and the VMAs of that one unlocked by it. Pairs with
     * {@link #SEEN_UNLOCKED}. Linux has a plain store here, which is enough where CPUs see all stores in one order.
     */
    private static final int NEXT_WRITER = Barriers.release("vma_refcount.NEXT_WRITER");

    private final String name;
    private final ForeignPut foreignPut;

    VmaRefcountLookup(String name, VmaServices services, ForeignPut foreignPut) {
        super(services);
        this.name = name;
        this.foreignPut = foreignPut;
    }

    @Override
    public String name() {
        return name;
    }

    // ---- faults ---------------------------------------------------------------------------------------------------

    @Override
    public long startRead(Cpu cpu, long mm, long address) {
        rcu().readLock(cpu);
        long vma = walk(cpu, mm, address);
        boolean locked = false;
        // Ends: a VMA that is detached has left the tree.
        while (vma != Cpu.NULL && mayCount(cpu, mm, vma)) {
            int count = VmaRefcount.tryGet(cpu, vma);
            if (count != 0) {
                locked = (count & VmaRefcount.WRITER) == 0 && validate(cpu, mm, vma);
                break;
            }
            vma = walkAgain(cpu, mm, address);
        }
        rcu().readUnlock(cpu);
        return locked && covers(cpu, mm, vma, address) ? vma : Cpu.NULL;
    }

    /** The beginning of vma_start_read: false if a writer has the VMA. */
    boolean mayCount(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma) {
        return VmaRefcount.lockSeq(cpu, vma) != lockSeq(cpu, mm);
    }

    private static int lockSeq(Cpu cpu, long mm) {
        return OfMm.LOCK_SEQ.readOnce(cpu, VmaRefcount.ofMm(mm));
    }

    /** The end of vma_start_read: a writer may have come between the walk and the count. */
    private boolean validate(Cpu cpu, long mm, long vma) {
        if (!foreignPut.keep(cpu, mm, vma)) {
            return false;
        }
        int seq = cpu.loadAcquire32(OfMm.LOCK_SEQ.of(VmaRefcount.ofMm(mm)), SEEN_UNLOCKED);
        if (VmaRefcount.lockSeq(cpu, vma) == seq) {
            ForeignPut.put(cpu, vma);
            return false;
        }
        return true;
    }

    /** The VMA does not change any more; it may have before it was locked. */
    private static boolean covers(Cpu cpu, long mm, long vma, long address) {
        if (VmArea.VM_MM.get(cpu, vma) == mm
                && address >= VmArea.VM_START.get(cpu, vma)
                && address < VmArea.VM_END.get(cpu, vma)) {
            return true;
        }
        ForeignPut.put(cpu, vma);
        return false;
    }

    @Override
    public void endRead(Cpu cpu, long vma) {
        ForeignPut.put(cpu, vma);
    }

    // ---- writers --------------------------------------------------------------------------------------------------

    @Override
    long treeOf(long mm) {
        return OfMm.MM_MT.of(VmaRefcount.ofMm(mm));
    }

    @Override
    public void initVma(Cpu cpu, long vma) {
        VmaRefcount.init(cpu, vma);
    }

    @Override
    public void writeLocked(Cpu cpu, long mm) {
        long words = VmaRefcount.ofMm(mm);
        cpu.storeRelease32(OfMm.LOCK_SEQ.of(words), OfMm.LOCK_SEQ.get(cpu, words) + 1, NEXT_WRITER);
    }

    @Override
    public void writeUnlocking(Cpu cpu, long mm) {
        long words = VmaRefcount.ofMm(mm);
        cpu.storeRelease32(OfMm.LOCK_SEQ.of(words), OfMm.LOCK_SEQ.get(cpu, words) + 1, UNLOCK_ALL);
    }

    @Override
    public boolean downgrades() {
        return true;
    }

    @Override
    public void startWrite(Cpu cpu, long vma) {
        int seq = OfMm.LOCK_SEQ.get(cpu, VmaRefcount.ofMm(VmArea.VM_MM.get(cpu, vma)));
        if (VmaRefcount.lockSeq(cpu, vma) == seq) {
            return;
        }
        boolean entered = VmaRefcount.enterLocked(cpu, vma, 1);
        VmaRefcount.setLockSeq(cpu, vma, seq);
        if (entered && VmaRefcount.exitLocked(cpu, vma) == 0) {
            throw new KernelBug(
                    FailureKind.CORRUPTION,
                    "BUG: vma 0x" + Long.toHexString(vma) + " is detached while it is written to");
        }
    }

    @Override
    public void attached(Cpu cpu, long vma) {
        VmaRefcount.attach(cpu, vma);
    }

    /** Readers may still count themselves for a moment, until they see that the VMA is locked. */
    @Override
    public void detached(Cpu cpu, long vma) {
        if (!VmaRefcount.detach(cpu, vma) && VmaRefcount.enterLocked(cpu, vma, 0)) {
            int left = VmaRefcount.exitLocked(cpu, vma);
            if (left != 0) {
                throw new KernelBug(
                        FailureKind.CORRUPTION,
                        "BUG: vma 0x" + Long.toHexString(vma) + " is detached with " + left + " readers");
            }
        }
    }

    @Override
    public void exited(Cpu cpu, long vma) {
        startWrite(cpu, vma);
        detached(cpu, vma);
    }

    @Override
    public void exitMmap(Cpu cpu, long mm) {
        writeLocked(cpu, mm);
        super.exitMmap(cpu, mm);
    }
}
