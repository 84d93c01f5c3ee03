package kemu.mm.uffd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MovePagesTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long FROM = 0x5000_0000_0000L;
    private static final long TO = FROM + 16 * PAGE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    /** Two mappings, of which the lower has its page written. */
    private static long scene(Kernel kernel, Cpu cpu) {
        long mm = kernel.mms().mmAlloc(cpu);
        kernel.mmap().mmap(cpu, mm, FROM, PAGE, RW, true, Cpu.NULL, 0);
        kernel.mmap().mmap(cpu, mm, TO, PAGE, RW, true, Cpu.NULL, 0);
        assertEquals(0, kernel.userAccess().store64(cpu, mm, FROM, 42));
        return mm;
    }

    private static long value(Kernel kernel, Cpu cpu, long mm, long at) {
        kernel.userAccess().load64(cpu, mm, at, 0);
        return kernel.userAccess().lastValue(cpu);
    }

    private static long page(Kernel kernel, Cpu cpu, long mm, long at) {
        return kernel.pages().pageOf(Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, at))));
    }

    private static long root(Cpu cpu, long page) {
        return AnonVma.ROOT.readOnce(cpu, Page.MAPPING.readOnce(cpu, page) - Page.MAPPING_ANON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"emu", "native"})
    void shouldTakeAPageInMemoryToAnotherRoot(String machine) {
        try (VmaTestKernel test = VmaTestKernel.boot(machine, 1, 1)) {
            Kernel kernel = test.kernel;
            test.run((cpu, id) -> {
                long mm = scene(kernel, cpu);
                long page = page(kernel, cpu, mm, FROM);
                long root = root(cpu, page);
                assertEquals(0, kernel.movePages().move(cpu, mm, FROM, TO));
                assertEquals(page, page(kernel, cpu, mm, TO));
                assertNotEquals(root, root(cpu, page));
                assertEquals(null, kernel.mms().auditMm(cpu, mm));
                // The walk finds it where it is now.
                assertEquals(1, kernel.rmapWalk().pageReferenced(cpu, page, true));
                assertEquals(42, value(kernel, cpu, mm, TO));
                assertEquals(0, value(kernel, cpu, mm, FROM));
                kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"emu", "native"})
    void shouldMoveASwapEntryAndTellThePageThatIsStillCached(String machine) {
        try (VmaTestKernel test = VmaTestKernel.boot(machine, 1, 1)) {
            Kernel kernel = test.kernel;
            test.run((cpu, id) -> {
                long mm = scene(kernel, cpu);
                long page = page(kernel, cpu, mm, FROM);
                Page.get(cpu, page);
                kernel.pageLock().lock(cpu, page);
                assertEquals(true, kernel.swap().addToSwap(cpu, page));
                kernel.rmapWalk().pageReferenced(cpu, page, true);
                assertEquals(RmapWalk.SWAP_SUCCESS, kernel.rmapWalk().tryToUnmap(cpu, page));
                kernel.pageLock().unlock(cpu, page);
                assertEquals(0, kernel.movePages().move(cpu, mm, FROM, TO));
                assertEquals(42, value(kernel, cpu, mm, TO));
                assertEquals(page, page(kernel, cpu, mm, TO));
                assertEquals(null, kernel.mms().auditMm(cpu, mm));
                assertEquals(0, value(kernel, cpu, mm, FROM));
                kernel.pages().putPage(cpu, page);
                kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"emu", "native"})
    void shouldLeaveAnEntryWhosePageAChildMaps(String machine) {
        try (VmaTestKernel test = VmaTestKernel.boot(machine, 1, 1)) {
            Kernel kernel = test.kernel;
            test.run((cpu, id) -> {
                long mm = scene(kernel, cpu);
                long child = kernel.mms().dupMm(cpu, mm);
                long page = page(kernel, cpu, mm, FROM);
                kernel.pageLock().lock(cpu, page);
                assertEquals(true, kernel.swap().addToSwap(cpu, page));
                kernel.rmapWalk().pageReferenced(cpu, page, true);
                assertEquals(RmapWalk.SWAP_SUCCESS, kernel.rmapWalk().tryToUnmap(cpu, page));
                kernel.pageLock().unlock(cpu, page);
                long seen = cpu.readOnce64(kernel.pageTable().find(cpu, mm, FROM));
                assertEquals(2, kernel.swap().swapCount(cpu, Pte.swapEntry(seen)));
                // The child has the page again: one user of the entry is left, and the page is not its alone.
                assertEquals(42, value(kernel, cpu, child, FROM));
                assertEquals(1, kernel.swap().swapCount(cpu, Pte.swapEntry(seen)));
                assertEquals(Errno.EBUSY, kernel.movePages().move(cpu, mm, FROM, TO));
                assertEquals(seen, cpu.readOnce64(kernel.pageTable().find(cpu, mm, FROM)));
                kernel.mms().mmput(cpu, child);
                assertEquals(0, kernel.movePages().move(cpu, mm, FROM, TO));
                assertEquals(42, value(kernel, cpu, mm, TO));
                kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"emu", "native"})
    void shouldLeaveWhatItMayNotMove(String machine) {
        try (VmaTestKernel test = VmaTestKernel.boot(machine, 1, 1)) {
            Kernel kernel = test.kernel;
            test.run((cpu, id) -> {
                long mm = scene(kernel, cpu);
                MovePages moves = kernel.movePages();
                assertEquals(Errno.ENOENT, moves.move(cpu, mm, TO, FROM));
                assertEquals(Errno.EINVAL, moves.move(cpu, mm, FROM, FROM + PAGE));
                long child = kernel.mms().dupMm(cpu, mm);
                assertEquals(Errno.EBUSY, moves.move(cpu, mm, FROM, TO));
                kernel.mms().mmput(cpu, child);
                assertEquals(0, kernel.userAccess().store64(cpu, mm, TO, 1));
                assertEquals(Errno.EEXIST, moves.move(cpu, mm, FROM, TO));
                assertEquals(42, value(kernel, cpu, mm, FROM));
                assertEquals(1, value(kernel, cpu, mm, TO));
                kernel.mms().mmput(cpu, mm);
            });
        }
    }
}
