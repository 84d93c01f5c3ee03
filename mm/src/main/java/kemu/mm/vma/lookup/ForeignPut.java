package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.MmRefs;
import kemu.mm.vma.VmaServices;
import kemu.rcu.Rcu;

/**
 * What a reader does about a VMA that it has counted itself on and that may be another mm's by now: recycled between
 * the walk and the count. As soon as the count is down, that mm's exit need not wait for the reader any more.
 */
interface ForeignPut {
    /**
     * The reader has just counted itself. True if it goes on with the VMA; false if that was another mm's and the count
     * is down again. Context: RCU reader, which it may leave and enter.
     */
    boolean keep(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma);

    /** vma_refcount_put, of a reader that gives the VMA up. */
    static void put(Cpu cpu, @Ref(VmArea.class) long vma) {
        // A copy: the VMA may be freed once the count is down.
        long mm = VmArea.VM_MM.get(cpu, vma);
        if (VmaRefcount.put(cpu, vma)) {
            VmaRefcount.wakeWriter(cpu, mm);
        }
    }

    /** The owner is compared at once, and kept while its waiter is woken. Source: Linux 9bbffee67ffd (6.17). */
    final class Pinned implements ForeignPut {
        private final Rcu rcu;
        private final MmRefs refs;

        Pinned(VmaServices services) {
            rcu = services.rcu();
            refs = services.mmRefs();
        }

        @Override
        public boolean keep(Cpu cpu, long mm, long vma) {
            long owner = VmArea.VM_MM.get(cpu, vma);
            if (owner == mm) {
                return true;
            }
            // The last reference frees a lot, which needs no reader.
            rcu.readUnlock(cpu);
            refs.mmgrab(cpu, owner);
            ForeignPut.put(cpu, vma);
            refs.mmdrop(cpu, owner);
            rcu.readLock(cpu);
            return false;
        }
    }

    /**
     * The owner is compared at once, and nobody woken: whoever waits for this reader there waits for ever. A mutant.
     */
    final class NotWoken implements ForeignPut {
        @Override
        public boolean keep(Cpu cpu, long mm, long vma) {
            boolean ours = VmArea.VM_MM.get(cpu, vma) == mm;
            if (!ours) {
                VmaRefcount.put(cpu, vma);
            }
            return ours;
        }
    }

    /** The owner is looked at only when the VMA is given up or used. Source: Linux 6.15, 3104138517fc. */
    final class AsShipped implements ForeignPut {
        @Override
        public boolean keep(Cpu cpu, long mm, long vma) {
            return true;
        }
    }
}
