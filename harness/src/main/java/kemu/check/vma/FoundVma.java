package kemu.check.vma;

import kemu.hw.cpu.Cpu;
import kemu.kernel.task.RwSem;
import kemu.mm.Kernel;
import kemu.mm.types.MmStruct;
import kemu.mm.vma.SpeculativeLookup;
import kemu.mm.vma.VmaLookup;
import kemu.mm.vma.VmaReadLock;

/**
 * A VMA as a fault finds it and keeps it, by whatever lookup the kernel has: referenced, locked, or under mmap_sem. So
 * scenes about the lookup itself can be tried with any of them, also with one of another author.
 */
interface FoundVma {
    /** The first VMA that ends above {@code address}, kept; NULL if there is none, or {@link #mayGiveUp}. */
    long find(Cpu cpu, long mm, long address);

    /** What was kept need not be any more; {@code vma} may be NULL. */
    void giveBack(Cpu cpu, long mm, long vma);

    /** True if a fault that finds nothing begins anew with mmap_sem, so that nothing is no answer. */
    boolean mayGiveUp();

    /** By the lookup of {@code kernel}. */
    static FoundVma of(Kernel kernel) {
        VmaLookup lookup = kernel.mms().lookup();
        if (lookup instanceof SpeculativeLookup speculative) {
            return new Referenced(speculative);
        }
        return lookup instanceof VmaReadLock locks ? new Locked(locks) : new UnderMmapSem(kernel);
    }

    /** find_vma_rcu and put_vma. */
    record Referenced(SpeculativeLookup lookup) implements FoundVma {
        @Override
        public long find(Cpu cpu, long mm, long address) {
            return lookup.findVmaRcu(cpu, mm, address);
        }

        @Override
        public void giveBack(Cpu cpu, long mm, long vma) {
            if (vma != Cpu.NULL) {
                lookup.put(cpu, vma);
            }
        }

        @Override
        public boolean mayGiveUp() {
            return false;
        }
    }

    /** lock_vma_under_rcu and vma_end_read. */
    record Locked(VmaReadLock lookup) implements FoundVma {
        @Override
        public long find(Cpu cpu, long mm, long address) {
            return lookup.startRead(cpu, mm, address);
        }

        @Override
        public void giveBack(Cpu cpu, long mm, long vma) {
            if (vma != Cpu.NULL) {
                lookup.endRead(cpu, vma);
            }
        }

        @Override
        public boolean mayGiveUp() {
            return true;
        }
    }

    /** find_vma with mmap_sem held for reading. */
    record UnderMmapSem(Kernel kernel) implements FoundVma {
        @Override
        public long find(Cpu cpu, long mm, long address) {
            RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
            return kernel.mms().findVma(cpu, mm, address);
        }

        @Override
        public void giveBack(Cpu cpu, long mm, long vma) {
            RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        }

        @Override
        public boolean mayGiveUp() {
            return false;
        }
    }
}
