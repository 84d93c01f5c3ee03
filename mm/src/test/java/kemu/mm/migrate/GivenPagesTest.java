package kemu.mm.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.fault.Faults;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes name pages by their addresses: to have them moved, and to have their memory fail. */
class GivenPagesTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final int PAGES = 6;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final long FILE = 0x7100_0000_0000L;

    private interface Body {
        void run(VmaTestKernel lab, Cpu cpu, Kernel kernel, long mm);
    }

    /** An address space with pages of which all but the last are written. */
    private static void run(String kind, Body body) {
        MemoryModel model = kind.equals("native") ? null : MemoryModel.byName(kind);
        try (VmaTestKernel lab = VmaTestKernel.boot(model, 1, 1, KernelConfig.of(64))) {
            lab.run((cpu, id) -> {
                long mm = lab.kernel.mms().mmAlloc(cpu);
                assertEquals(BASE, lab.kernel.mmap().mmap(cpu, mm, BASE, (long) PAGES * PAGE, RW, true, Cpu.NULL, 0));
                for (int page = 0; page < PAGES - 1; page++) {
                    lab.kernel.userAccess().store64(cpu, mm, at(page), page + 7);
                }
                lab.kernel.lru().drain(cpu);
                body.run(lab, cpu, lab.kernel, mm);
                lab.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    private static long at(int page) {
        return BASE + (long) page * PAGE;
    }

    private static long frame(Kernel kernel, Cpu cpu, long mm, long address) {
        return Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, address)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldMoveWhatIsInMemoryAlsoIfOthersMapIt(String kind) {
        run(kind, (lab, cpu, kernel, mm) -> {
            long child = kernel.mms().dupMm(cpu, mm);
            long before = frame(kernel, cpu, mm, at(1));
            long pinned = kernel.pages().pageOf(frame(kernel, cpu, mm, at(2)));
            Page.get(cpu, pinned);
            assertEquals(PAGES - 2, kernel.givenPages().move(cpu, mm, BASE, (long) PAGES * PAGE));
            kernel.pages().putPage(cpu, pinned);
            assertNotEquals(before, frame(kernel, cpu, mm, at(1)));
            assertEquals(frame(kernel, cpu, mm, at(1)), frame(kernel, cpu, child, at(1)));
            assertEquals(pinned, kernel.pages().pageOf(frame(kernel, cpu, mm, at(2))));
            assertEquals(9, kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_RETRY));
            assertEquals(PAGES - 2, kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS));
            for (int page = 0; page < PAGES - 1; page++) {
                assertEquals(0, kernel.userAccess().load64(cpu, mm, at(page), page + 7));
                assertEquals(0, kernel.userAccess().load64(cpu, child, at(page), page + 7));
            }
            lab.audit(cpu, mm, "moves");
            kernel.mms().mmput(cpu, child);
            kernel.lru().drain(cpu);
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_ISOLATED_ANON));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldTakeAPageThatFailsFromAllAndGiveItsFrameBackWhenAsked(String kind) {
        run(kind, (lab, cpu, kernel, mm) -> {
            long child = kernel.mms().dupMm(cpu, mm);
            long frame = frame(kernel, cpu, mm, at(1));
            long pfn = kernel.pages().pfnOf(kernel.pages().pageOf(frame));
            assertEquals(0, kernel.givenPages().fail(cpu, mm, at(1)));
            assertEquals(Faults.SIGBUS, kernel.userAccess().load64(cpu, mm, at(1), 8));
            assertEquals(Faults.SIGBUS, kernel.userAccess().load64(cpu, child, at(1), 8));
            assertEquals(0, kernel.userAccess().load64(cpu, child, at(2), 9));
            assertEquals(Errno.EFAULT, kernel.givenPages().fail(cpu, mm, at(1)));
            assertEquals(Errno.EFAULT, kernel.givenPages().fail(cpu, mm, at(PAGES - 1)));
            kernel.mms().mmput(cpu, child);
            kernel.mmap().madviseDontneed(cpu, mm, at(1), PAGE);
            assertEquals(0, kernel.userAccess().load64(cpu, mm, at(1), 0));
            long free = kernel.pages().freePageCount(cpu);
            assertTrue(kernel.givenPages().unpoison(cpu, pfn));
            assertFalse(kernel.givenPages().unpoison(cpu, pfn));
            assertEquals(free + 1, kernel.pages().freePageCount(cpu));
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "weak"})
    void shouldNotFailPagesOfFiles(String kind) {
        run(kind, (lab, cpu, kernel, mm) -> {
            long file = kernel.files().open(cpu, 17);
            assertEquals(FILE, kernel.mmap().mmap(cpu, mm, FILE, PAGE, RW | VmArea.VM_SHARED, true, file, 0));
            kernel.userAccess().store64(cpu, mm, FILE + 8, 5);
            assertEquals(Errno.EINVAL, kernel.givenPages().fail(cpu, mm, FILE));
            assertEquals(1, kernel.givenPages().move(cpu, mm, FILE, PAGE));
            assertEquals(0, kernel.userAccess().load64(cpu, mm, FILE + 8, 5));
            kernel.mmap().munmap(cpu, mm, FILE, PAGE);
            kernel.files().put(cpu, file);
        });
    }
}
