package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SeqCount;
import kemu.kernel.locking.SeqLock;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.SpeculativeLookup;
import kemu.mm.vma.SpeculativeRules;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.lookup.SpfWords.OfMm;
import kemu.mm.vma.lookup.SpfWords.OfVma;
import kemu.rcu.Rcu;
import kemu.rcu.RcuHead;
import kemu.rcu.list.RbTree;

/**
 * Speculative page faults: mm_rb is walked under RCU and searched again if it changed meanwhile; the VMA found is
 * referenced. The tree holds a reference that lives until a grace period after the VMA has left it, so an increment is
 * enough for whoever finds it there. A VMA's sequence count is odd from its first change until mmap_sem is released
 * (v12 ends it after each change, which lets more faults go on).
 *
 * <p>Locks: mmap_sem (W), mm_seq (around changes of mm_rb only). Source: [PATCH v12 00/31] Speculative page faults, 16
 * April 2019, patches 9 to 12 and 18 to 21; never merged.
 */
final class SpfLookup implements SpeculativeLookup {
    static final String NAME = "spf";

    private static final LockClass MM_SEQ = LockClass.of("mm->mm_seq");
    private static final LockClass VM_SEQUENCE = LockClass.of("vma->vm_sequence");

    /** The tree is changed before the VMA says that it is on none; pairs with {@link #HAS_CHANGED}. */
    private static final int ERASED = Barriers.fence("spf.ERASED");
    /** What was read of the VMA was read before; pairs with {@link #ERASED} and with the fences of vm_sequence. */
    private static final int HAS_CHANGED = Barriers.fence("spf.HAS_CHANGED");

    private final String name;
    private final SpeculativeRules rules;
    private final Rcu rcu;
    private final KmemCache vmas;
    private final int vmRcuPut;
    private final VmaCache cache;

    SpfLookup(String name, SpeculativeRules rules, VmaCache cache, VmaServices services) {
        this.name = name;
        this.rules = rules;
        this.cache = cache;
        rcu = services.rcu();
        vmas = services.vmas();
        vmRcuPut = rcu.registerCallback("vm_rcu_put", this::rcuPut);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public SpeculativeRules rules() {
        return rules;
    }

    // ---- references -----------------------------------------------------------------------------------------------

    private static void get(Cpu cpu, long vma) {
        OfVma.VM_REF_COUNT.add(cpu, SpfWords.ofVma(vma), 1);
    }

    @Override
    public void put(Cpu cpu, long vma) {
        if (rules.references()) {
            putVma(cpu, vma);
        }
    }

    private void putVma(Cpu cpu, long vma) {
        if (drop(cpu, vma)) {
            vmas.free(cpu, vma);
        }
    }

    @Override
    public boolean release(Cpu cpu, long vma) {
        long mm = VmArea.VM_MM.get(cpu, vma);
        boolean last = drop(cpu, vma);
        cache.released(cpu, mm);
        return last;
    }

    /** True if nothing refers to the VMA any more. */
    private static boolean drop(Cpu cpu, long vma) {
        int left = OfVma.VM_REF_COUNT.addReturn(cpu, SpfWords.ofVma(vma), -1);
        if (left < 0) {
            throw new KernelBug(
                    FailureKind.CORRUPTION, "BUG: vm_ref_count of vma 0x" + Long.toHexString(vma) + " fell to " + left);
        }
        if (left == 0) {
            bugIfLinked(cpu, vma, "__free_vma");
        }
        return left == 0;
    }

    private void rcuPut(Cpu cpu, long head) {
        putVma(cpu, OfVma.VM_RCU.containerOf(head) - VmArea.LAYOUT.sizeBytes());
    }

    /** VM_BUG_ON_VMA: its node must be empty. */
    private static void bugIfLinked(Cpu cpu, long vma, String where) {
        if (OfVma.RB_EMPTY.readOnce(cpu, SpfWords.ofVma(vma)) == 0) {
            throw new KernelBug(
                    FailureKind.CORRUPTION,
                    "BUG: " + where + " of a VMA that is on a tree, vma 0x" + Long.toHexString(vma));
        }
    }

    // ---- faults ---------------------------------------------------------------------------------------------------

    @Override
    public long findVmaRcu(Cpu cpu, long mm, long address) {
        long lock = OfMm.MM_SEQ.of(SpfWords.ofMm(mm));
        // Ends: the tree changed meanwhile, or this was the last round.
        while (true) {
            int seq = SeqLock.readBegin(cpu, lock);
            rcu.readLock(cpu);
            long vma = findVma(cpu, mm, address);
            if (vma != Cpu.NULL && rules.references()) {
                get(cpu, vma);
            }
            rcu.readUnlock(cpu);
            if (!rules.retriesLookup() || !SeqLock.readRetry(cpu, lock, seq)) {
                return vma;
            }
            if (vma != Cpu.NULL) {
                put(cpu, vma);
            }
        }
    }

    private long findVma(Cpu cpu, long mm, long address) {
        long vma = cache.find(cpu, mm, address);
        if (vma == Cpu.NULL) {
            vma = search(cpu, mm, address);
            if (vma != Cpu.NULL) {
                cache.update(cpu, mm, address, vma);
            }
        }
        return vma;
    }

    private long search(Cpu cpu, long mm, long address) {
        long node = rcu.dereference(cpu, MmStruct.MM_RB.of(mm));
        long found = Cpu.NULL;
        // Ends: every round goes one level down, also in a tree that is being rotated.
        while (node != Cpu.NULL) {
            long vma = VmArea.VM_RB.containerOf(node);
            if (VmArea.VM_END.readOnce(cpu, vma) > address) {
                found = vma;
                if (VmArea.VM_START.readOnce(cpu, vma) <= address) {
                    break;
                }
                node = rcu.dereference(cpu, RbTree.Node.LEFT.of(node));
            } else {
                node = rcu.dereference(cpu, RbTree.Node.RIGHT.of(node));
            }
        }
        return found;
    }

    @Override
    public int sequence(Cpu cpu, long vma) {
        return SeqCount.rawRead(cpu, OfVma.VM_SEQUENCE.of(SpfWords.ofVma(vma)));
    }

    @Override
    public boolean retry(Cpu cpu, long vma, int sequence) {
        return SeqCount.readRetry(cpu, OfVma.VM_SEQUENCE.of(SpfWords.ofVma(vma)), sequence);
    }

    @Override
    public boolean hasChanged(Cpu cpu, long vma, int sequence) {
        cpu.smpRmb(HAS_CHANGED);
        return OfVma.RB_EMPTY.readOnce(cpu, SpfWords.ofVma(vma)) != 0 || retry(cpu, vma, sequence);
    }

    // ---- writers --------------------------------------------------------------------------------------------------

    @Override
    public void initMm(Cpu cpu, long mm) {
        SeqLock.init(cpu, OfMm.MM_SEQ.of(SpfWords.ofMm(mm)), MM_SEQ);
    }

    @Override
    public void mmSwitched(Cpu cpu, long task) {
        cache.flush(cpu, task);
    }

    @Override
    public void initVma(Cpu cpu, long vma) {
        long words = SpfWords.ofVma(vma);
        OfVma.VM_REF_COUNT.writeOnce(cpu, words, 1);
        OfVma.RB_EMPTY.writeOnce(cpu, words, 1);
        OfVma.WRITING.set(cpu, words, 0);
        SeqCount.init(cpu, OfVma.VM_SEQUENCE.of(words), VM_SEQUENCE);
        RcuHead.FUNC.set(cpu, OfVma.VM_RCU.of(words), 0);
    }

    @Override
    public boolean waitsForGracePeriod(Cpu cpu, long vma) {
        return RcuHead.isQueued(RcuHead.FUNC.get(cpu, OfVma.VM_RCU.of(SpfWords.ofVma(vma))));
    }

    /** vm_write_begin. */
    @Override
    public void startWrite(Cpu cpu, long vma) {
        long words = SpfWords.ofVma(vma);
        if (OfVma.WRITING.get(cpu, words) != 0) {
            return;
        }
        long mm = SpfWords.ofMm(VmArea.VM_MM.get(cpu, vma));
        OfVma.WRITING.set(cpu, words, 1);
        OfVma.WRITING_NEXT.set(cpu, words, OfMm.WRITING.get(cpu, mm));
        OfMm.WRITING.set(cpu, mm, vma);
        // It outlives its place on the list.
        get(cpu, vma);
        SeqCount.writeBegin(cpu, OfVma.VM_SEQUENCE.of(words));
    }

    /** dup_mmap: until the TLBs are flushed faults may not go by ptes that fork has write-protected (patch 18). */
    @Override
    public void startCopy(Cpu cpu, long vma) {
        if (rules.marksForFork()) {
            startWrite(cpu, vma);
        }
    }

    /** vm_write_end, of all that were begun. */
    @Override
    public void writeUnlocking(Cpu cpu, long mm) {
        long vma = OfMm.WRITING.get(cpu, SpfWords.ofMm(mm));
        OfMm.WRITING.set(cpu, SpfWords.ofMm(mm), Cpu.NULL);
        // Ends: the list is finite.
        while (vma != Cpu.NULL) {
            long words = SpfWords.ofVma(vma);
            long next = OfVma.WRITING_NEXT.get(cpu, words);
            OfVma.WRITING.set(cpu, words, 0);
            SeqCount.writeEnd(cpu, OfVma.VM_SEQUENCE.of(words));
            putVma(cpu, vma);
            vma = next;
        }
    }

    /**
     * exit_mmap has munlocked VMAs, and so written to them, without mmap_sem, whose release ends all other writes; each
     * would go on holding its VMA. Source: v12, munlock_vma_pages_range, which ends its own.
     */
    @Override
    public void exitMmap(Cpu cpu, long mm) {
        writeUnlocking(cpu, mm);
    }

    @Override
    public boolean walksTree() {
        return true;
    }

    /** vma_rb_insert. */
    @Override
    public void linking(Cpu cpu, long mm, long vma) {
        get(cpu, vma);
        OfVma.RB_EMPTY.writeOnce(cpu, SpfWords.ofVma(vma), 0);
        SeqLock.writeLock(cpu, OfMm.MM_SEQ.of(SpfWords.ofMm(mm)));
    }

    @Override
    public void linked(Cpu cpu, long mm, long vma) {
        SeqLock.writeUnlock(cpu, OfMm.MM_SEQ.of(SpfWords.ofMm(mm)));
    }

    /** __vma_rb_erase. */
    @Override
    public void unlinking(Cpu cpu, long mm, long vma) {
        SeqLock.writeLock(cpu, OfMm.MM_SEQ.of(SpfWords.ofMm(mm)));
    }

    @Override
    public void unlinked(Cpu cpu, long mm, long vma) {
        SeqLock.writeUnlock(cpu, OfMm.MM_SEQ.of(SpfWords.ofMm(mm)));
        cpu.smpWmb(ERASED);
        if (rules.clearsNodeFirst()) {
            OfVma.RB_EMPTY.writeOnce(cpu, SpfWords.ofVma(vma), 1);
        }
        cache.erased(cpu, mm);
        vmRcuPut(cpu, vma);
        if (!rules.clearsNodeFirst()) {
            OfVma.RB_EMPTY.writeOnce(cpu, SpfWords.ofVma(vma), 1);
        }
    }

    /** vm_rcu_put: the tree's reference is put once nobody can have found the VMA there without having his own. */
    private void vmRcuPut(Cpu cpu, long vma) {
        // The callback would free a VMA that faults still take for one that has not changed.
        bugIfLinked(cpu, vma, "vm_rcu_put");
        if (rules.putsAfterGracePeriod()) {
            rcu.callRcu(cpu, OfVma.VM_RCU.of(SpfWords.ofVma(vma)), vmRcuPut);
        } else {
            putOfTree(cpu, vma);
        }
    }

    /** The tree's reference is put while the owner still has one. */
    private static void putOfTree(Cpu cpu, long vma) {
        if (drop(cpu, vma)) {
            throw new KernelBug(FailureKind.CORRUPTION, "BUG: vma 0x" + Long.toHexString(vma) + " had no owner");
        }
    }

    @Override
    public void unlinkedAll(Cpu cpu, long mm) {
        cache.erasedAll(cpu, mm);
    }

    @Override
    public boolean downgrades() {
        return true;
    }

    /**
     * remove_vma gives up the owner's reference. Whoever comes here with a VMA that is still on the tree has forgotten
     * to erase it: lookups would go on finding it, and nobody would ever put the reference that the tree holds. The
     * exception are VMAs that go with their mm, whose tree nobody walks or updates any more ({@link #exited}).
     */
    @Override
    public void removing(Cpu cpu, long vma) {
        bugIfLinked(cpu, vma, "remove_vma");
    }

    /**
     * __remove_vma: exit_mmap does not erase the VMA from its tree, which nobody walks any more; the node is cleared to
     * satisfy the check of __free_vma, and the tree's reference is put at once.
     */
    @Override
    public void exited(Cpu cpu, long vma) {
        OfVma.RB_EMPTY.writeOnce(cpu, SpfWords.ofVma(vma), 1);
        putOfTree(cpu, vma);
    }
}
