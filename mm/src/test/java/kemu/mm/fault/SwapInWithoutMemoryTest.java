package kemu.mm.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.fault.direct.SlotPins;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.Reclaimer;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A swap-in is out of memory only if memory is out and the pte still holds the entry. */
class SwapInWithoutMemoryTest {
    private static final long BASE = 0x5000_0000_0000L;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    /** Memory cannot be had; somebody may change a pte while it is asked for. */
    private static final class Changing implements Reclaimer {
        private final long pte;
        private final long value;

        private Changing(long pte, long value) {
            this.pte = pte;
            this.value = value;
        }

        @Override
        public void wakeKswapd(Cpu cpu) {}

        @Override
        public long directReclaim(Cpu cpu, int gfp, int order) {
            cpu.writeOnce64(pte, value);
            return 0;
        }

        @Override
        public boolean outOfMemory(Cpu cpu) {
            return false;
        }
    }

    /** An address space with one page, which is in the swap area and nowhere else. */
    private static long swappedOut(Kernel kernel, Cpu cpu) {
        long mm = kernel.mms().mmAlloc(cpu);
        kernel.mmap().mmap(cpu, mm, BASE, PhysMem.PAGE_SIZE, RW, true, Cpu.NULL, 0);
        assertEquals(0, kernel.userAccess().store64(cpu, mm, BASE, 42));
        long page = kernel.pages()
                .pageOf(Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, BASE))));
        kernel.lru().drain(cpu);
        kernel.lru().isolate(cpu, page);
        kernel.pageLock().lock(cpu, page);
        assertEquals(true, kernel.swap().addToSwap(cpu, page));
        kernel.rmapWalk().pageReferenced(cpu, page, true);
        kernel.rmapWalk().tryToUnmap(cpu, page);
        kernel.swap().writepage(cpu, page);
        kernel.pageLock().lock(cpu, page);
        assertEquals(true, kernel.swap().removeMapping(cpu, page));
        Page.FLAGS.clearBits(cpu, page, Page.PG_LOCKED | Page.PG_ACTIVE);
        kernel.pages().freePages(cpu, page, 0);
        return mm;
    }

    private static int faultWithoutMemory(Kernel kernel, Cpu cpu, long mm, long changedTo) {
        long pte = kernel.pageTable().find(cpu, mm, BASE);
        kernel.pages().reclaimer(new Changing(pte, changedTo));
        List<Long> taken = new ArrayList<>();
        for (long page = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
                page != Cpu.NULL;
                page = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0)) {
            taken.add(page);
        }
        int code = kernel.faults().handleMmFault(cpu, mm, BASE, false);
        taken.forEach(page -> kernel.pages().putPage(cpu, page));
        return code;
    }

    @ParameterizedTest
    @ValueSource(strings = {SlotPins.CACHED, SlotPins.PINNED})
    void shouldTryAgainIfThePteChangedWhileMemoryWasAskedFor(String swapIn) {
        KernelConfig config = KernelConfig.of(64).withSwapIn(swapIn);
        try (VmaTestKernel test = VmaTestKernel.boot(null, 1, 1, config)) {
            Kernel kernel = test.kernel;
            test.run((cpu, id) -> {
                long mm = swappedOut(kernel, cpu);
                long pte = kernel.pageTable().find(cpu, mm, BASE);
                long seen = cpu.readOnce64(pte);
                assertEquals(Faults.OOM, faultWithoutMemory(kernel, cpu, mm, seen));
                assertEquals(Faults.MINOR, faultWithoutMemory(kernel, cpu, mm, 0));
                cpu.writeOnce64(pte, seen);
                assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE, 42));
                kernel.mms().mmput(cpu, mm);
            });
        }
    }

    /** As if a page had taken the entry once more after it had been found free: the pte says what it said before. */
    @Test
    void shouldTryAgainIfTheEntryWasFreeThoughThePteIsTheSame() {
        try (VmaTestKernel test = VmaTestKernel.boot(null, 1, 1, KernelConfig.of(64))) {
            Kernel kernel = test.kernel;
            test.run((cpu, id) -> {
                long mm = swappedOut(kernel, cpu);
                long pte = kernel.pageTable().find(cpu, mm, BASE);
                long seen = cpu.readOnce64(pte);
                long free = Pte.ofSwap(Pte.swapEntry(seen) + 1);
                assertEquals(Cpu.NULL, kernel.swap().readIn(cpu, Pte.swapEntry(free)));
                cpu.writeOnce64(pte, free);
                assertEquals(Faults.MINOR, kernel.faults().handleMmFault(cpu, mm, BASE, false));
                cpu.writeOnce64(pte, seen);
                assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE, 42));
                kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @Test
    void shouldTellAFreeEntryFromMissingMemory() {
        try (VmaTestKernel test = VmaTestKernel.boot(null, 1, 1, KernelConfig.of(64))) {
            Kernel kernel = test.kernel;
            test.run((cpu, id) -> {
                long mm = swappedOut(kernel, cpu);
                long entry = Pte.swapEntry(cpu.readOnce64(kernel.pageTable().find(cpu, mm, BASE)));
                List<Long> taken = new ArrayList<>();
                kernel.pages().reclaimer(new Changing(kernel.pageTable().find(cpu, mm, BASE), Pte.ofSwap(entry)));
                for (long page = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
                        page != Cpu.NULL;
                        page = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0)) {
                    taken.add(page);
                }
                assertEquals(Errno.ENOMEM, kernel.swap().readIn(cpu, entry));
                taken.forEach(page -> kernel.pages().putPage(cpu, page));
                kernel.mms().mmput(cpu, mm);
            });
        }
    }
}
