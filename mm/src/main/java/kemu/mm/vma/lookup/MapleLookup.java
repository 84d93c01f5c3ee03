package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.StructLayout;
import kemu.mm.types.MmStruct;
import kemu.mm.vma.VmaMemory;
import kemu.mm.vma.VmaServices;
import kemu.mm.vma.VmaWalker;

/**
 * The maple tree without locks of single VMAs: every fault takes mmap_sem, and so does who walks the tree, which needs
 * no RCU then, since all who replace nodes hold mmap_sem for writing. Source: Linux 6.5 mm/memory.c,
 * lock_mm_and_find_vma(); mm/mmap.c, expand_stack().
 */
class MapleLookup extends RangeTreeVmas implements VmaWalker {
    static final String NAME = "maple-tree";

    private static final StructLayout.Builder S = StructLayout.struct("mm_maple_tree");
    /** The VMAs. */
    private static final Embedded MM_MT = S.embed("mm_mt", RangeTree.LAYOUT);
    /** Size and members. */
    private static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    static final VmaMemory MEMORY = new VmaMemory(LAYOUT.sizeBytes(), 0, 0, null);

    private final String name;

    MapleLookup(String name, VmaServices services) {
        super(services);
        this.name = name;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    final long treeOf(long mm) {
        return MM_MT.of(mm + MmStruct.LAYOUT.sizeBytes());
    }

    @Override
    public boolean growsUnderReadLock() {
        return false;
    }

    @Override
    public void beginWalk(Cpu cpu) {}

    @Override
    public long seek(Cpu cpu, long mm, long address) {
        return RangeTree.seekLocked(cpu, treeOf(mm), address);
    }

    @Override
    public final long vmaOf(Cpu cpu, long node) {
        return RangeTree.vmaOf(cpu, node);
    }

    @Override
    public void endWalk(Cpu cpu) {}

    /**
     * A stack grows under mmap_sem (R), which replaces nodes, and who walks the tree under the same lock thinks that
     * nobody does. Known to be wrong: StackRot, CVE-2023-3269. Convicted by {@code vma-stackrot}. Source: Linux 6.1 to
     * 6.4 mm/mmap.c, expand_downwards().
     */
    static final class GrownByReader extends MapleLookup {
        static final String SHIPPED = "maple-tree-6.1";

        GrownByReader(VmaServices services) {
            super(SHIPPED, services);
        }

        @Override
        public boolean growsUnderReadLock() {
            return true;
        }
    }

    /** The same, and walks are readers of RCU: a node stays until they are through, whatever it was replaced by. */
    static final class WalkedUnderRcu extends MapleLookup {
        static final String RCU_WALK = "maple-tree-rcu-walk";

        WalkedUnderRcu(VmaServices services) {
            super(RCU_WALK, services);
        }

        @Override
        public boolean growsUnderReadLock() {
            return true;
        }

        @Override
        public void beginWalk(Cpu cpu) {
            rcu().readLock(cpu);
        }

        @Override
        public long seek(Cpu cpu, long mm, long address) {
            return tree().seek(cpu, treeOf(mm), address);
        }

        @Override
        public void endWalk(Cpu cpu) {
            rcu().readUnlock(cpu);
        }
    }
}
