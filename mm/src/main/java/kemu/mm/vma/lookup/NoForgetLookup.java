package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.mm.vma.VmaServices;

/**
 * The same lock, and whoever has told lookups of VMAs to come and then runs out of memory does not take that back: the
 * next change publishes it as well. A mutant, convicted by {@code vma-merge-enomem}.
 */
final class NoForgetLookup extends VmaLockLookup {
    static final String NO_FORGET = "per-vma-lock-no-forget";

    NoForgetLookup(VmaServices services) {
        super(NO_FORGET, false, true, new LockSeqOrder.ReleaseAcquire(), services);
    }

    @Override
    public void forget(Cpu cpu, long mm) {}
}
