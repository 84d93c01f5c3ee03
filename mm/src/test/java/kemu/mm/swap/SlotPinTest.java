package kemu.mm.swap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.KernelCore;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.fault.direct.SlotPins;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import org.junit.jupiter.api.Test;

/** Entries that are read past the swap cache. */
class SlotPinTest {
    private static Kernel boot() {
        return new Kernel(
                KernelCore.bootEmulated(MachineConfig.of(8 << 20, 1)),
                KernelConfig.of(4).withSwapIn(SlotPins.PINNED));
    }

    /** An entry that one pte holds and the cache does not, as {@code swapOut} of {@link SwapTest} leaves it. */
    private static long entry(Kernel kernel, Cpu cpu) {
        long page = kernel.pages().allocPages(cpu, Gfp.USER, 0);
        Page.FLAGS.setBits(cpu, page, Page.PG_SWAPBACKED | Page.PG_UPTODATE);
        kernel.pageLock().lock(cpu, page);
        assertTrue(kernel.swap().addToSwap(cpu, page));
        long entry = Page.PRIVATE.get(cpu, page);
        kernel.swap().duplicate(cpu, entry);
        kernel.swap().deleteFromCache(cpu, page);
        kernel.pageLock().unlock(cpu, page);
        kernel.pages().putPage(cpu, page);
        return entry;
    }

    @Test
    void shouldKeepAPinnedEntryFromBeingFreed() {
        Kernel kernel = boot();
        Cpu cpu = kernel.machine().bootCpu();
        Swap swap = kernel.swap();
        long entry = entry(kernel, cpu);
        assertTrue(swap.pin(cpu, entry) && swap.isPinned(cpu, entry));
        assertFalse(swap.pin(cpu, entry));
        assertEquals(1, swap.swapCount(cpu, entry));
        swap.free(cpu, entry);
        assertEquals(1, swap.usedEntries(cpu));
        assertThrows(KernelBug.class, () -> swap.free(cpu, entry));
    }

    @Test
    void shouldFreeAnEntryWithoutUserWhenItIsUnpinned() {
        Kernel kernel = boot();
        Cpu cpu = kernel.machine().bootCpu();
        Swap swap = kernel.swap();
        long entry = entry(kernel, cpu);
        assertTrue(swap.pin(cpu, entry));
        swap.free(cpu, entry);
        swap.unpin(cpu, entry);
        assertEquals(0, swap.usedEntries(cpu));
        assertFalse(swap.pin(cpu, entry));
    }
}
