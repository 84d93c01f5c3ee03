package plugin.example;

import kemu.hw.cpu.Cpu;
import kemu.kernel.task.RwSem;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.VmaReadLock;
import kemu.mm.vma.VmaServices;
import kemu.rcu.list.RbTree;

/** A lookup of VMAs of another author: a fault has mmap_sem at once, or it has found nothing. */
public final class TryLookup implements VmaLookupProvider, VmaReadLock {
    @Override
    public String name() {
        return "try-mmap-sem";
    }

    @Override
    public String description() {
        return "mmap_sem, if it is to be had at once";
    }

    @Override
    public boolean knownBad() {
        return false;
    }

    @Override
    public VmaLookup create(VmaServices services) {
        return this;
    }

    @Override
    public long startRead(Cpu cpu, long mm, long address) {
        if (!RwSem.tryDownRead(cpu, MmStruct.MMAP_SEM.of(mm))) {
            return Cpu.NULL;
        }
        long node = MmStruct.MM_RB.get(cpu, mm);
        while (node != Cpu.NULL) {
            long vma = VmArea.VM_RB.containerOf(node);
            if (VmArea.VM_END.get(cpu, vma) <= address) {
                node = RbTree.Node.RIGHT.get(cpu, node);
            } else if (VmArea.VM_START.get(cpu, vma) > address) {
                node = RbTree.Node.LEFT.get(cpu, node);
            } else if (VmArea.VM_FILE.get(cpu, vma) == Cpu.NULL && VmArea.ANON_VMA.acquire(cpu, vma) != Cpu.NULL) {
                return vma;
            } else {
                break;
            }
        }
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return Cpu.NULL;
    }

    @Override
    public boolean findsAnonVma() {
        return true;
    }

    @Override
    public void endRead(Cpu cpu, long vma) {
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(VmArea.VM_MM.get(cpu, vma)));
    }
}
