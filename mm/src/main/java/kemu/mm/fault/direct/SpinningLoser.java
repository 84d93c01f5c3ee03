package kemu.mm.fault.direct;

import kemu.hw.cpu.Cpu;
import kemu.mm.page.PageAllocator;
import kemu.mm.swap.Swap;

/**
 * Who finds the entry pinned goes back to the access, which faults again: for ever, if it has the CPU that who has
 * pinned the entry needs. The first version of the fix; swap-skip-cache convicts it.
 */
final class SpinningLoser extends PreparedSlot {
    SpinningLoser(Cpu boot, PageAllocator pages, Swap swap) {
        super(boot, pages, swap);
    }

    @Override
    public void giveWay(Cpu cpu, long entry) {
        // Back to the access at once.
    }
}
