package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaServices;
import kemu.rcu.Rcu;

/** What lookups have in common that keep the VMAs of an mm in a {@link RangeTree}. */
abstract class RangeTreeVmas implements VmaLookup {
    private final Rcu rcu;
    private final RangeTree tree;

    RangeTreeVmas(VmaServices services) {
        rcu = services.rcu();
        tree = new RangeTree(services.machine().bootCpu(), rcu, services.slabs());
    }

    /** Address of mm_mt. */
    abstract @Ref(RangeTree.class) long treeOf(@Ref(MmStruct.class) long mm);

    final Rcu rcu() {
        return rcu;
    }

    final RangeTree tree() {
        return tree;
    }

    @Override
    public void initMm(Cpu cpu, long mm) {
        tree.init(cpu, treeOf(mm));
    }

    @Override
    public final int store(Cpu cpu, long mm, long start, long end, long vma) {
        return tree.store(cpu, treeOf(mm), start, end, vma) ? 0 : Errno.ENOMEM;
    }

    @Override
    public void forget(Cpu cpu, long mm) {
        tree.forget(cpu, treeOf(mm));
    }

    @Override
    public final void publish(Cpu cpu, long mm) {
        tree.publish(cpu, treeOf(mm));
    }

    @Override
    public final int publishAll(Cpu cpu, long mm) {
        long vma = MmStruct.MMAP.get(cpu, mm);
        // Ends: the list of VMAs is finite.
        while (vma != Cpu.NULL) {
            if (!tree.append(cpu, treeOf(mm), VmArea.VM_START.get(cpu, vma), VmArea.VM_END.get(cpu, vma), vma)) {
                return Errno.ENOMEM;
            }
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
        tree.publish(cpu, treeOf(mm));
        return 0;
    }

    @Override
    public void exitMmap(Cpu cpu, long mm) {
        tree.destroy(cpu, treeOf(mm));
    }
}
