package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaServices;

/**
 * The same lock. A fault that finds no anon_vma in the VMA it has locked begins anew, since there was one before: that
 * is gone for good, and a new one is made only by who takes mmap_sem. A mutant, convicted by {@code vma-lock-anon-vma}.
 */
final class UnlockedRetryLookup extends VmaLockLookup {
    static final String RETRIES = "per-vma-lock-retry";

    UnlockedRetryLookup(VmaServices services) {
        super(RETRIES, false, true, new LockSeqOrder.ReleaseAcquire(), services);
    }

    @Override
    public long startRead(Cpu cpu, long mm, long address) {
        if (!hasAnonVma(cpu, mm, address)) {
            return Cpu.NULL;
        }
        long vma = tryStartRead(cpu, mm, address);
        // Ends when somebody else has made an anon_vma for the VMA, which nobody may.
        while (vma == NO_ANON_VMA) {
            cpu.relax();
            vma = tryStartRead(cpu, mm, address);
        }
        return vma;
    }

    private boolean hasAnonVma(Cpu cpu, long mm, long address) {
        rcu().readLock(cpu);
        long vma = walk(cpu, mm, address);
        boolean has = vma != Cpu.NULL && VmArea.ANON_VMA.readOnce(cpu, vma) != Cpu.NULL;
        rcu().readUnlock(cpu);
        return has;
    }
}
