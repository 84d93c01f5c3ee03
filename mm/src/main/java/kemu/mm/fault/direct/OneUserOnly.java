package kemu.mm.fault.direct;

import kemu.hw.cpu.Cpu;
import kemu.mm.swap.Swap;

/**
 * Only an entry with one user is read past the cache: which two threads of one address space still may, both. As
 * shipped from 4.15 to 6.7; swap-skip-cache convicts it.
 */
final class OneUserOnly extends NotPinned {
    private final Swap swap;

    OneUserOnly(Swap swap) {
        this.swap = swap;
    }

    @Override
    public boolean passesBy(Cpu cpu, long entry) {
        return swap.swapCount(cpu, entry) == 1;
    }
}
