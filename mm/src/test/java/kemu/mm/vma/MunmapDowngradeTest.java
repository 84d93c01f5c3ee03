package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.stream.Stream;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.RwSem;
import kemu.mm.fault.Faults;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * munmap, and brk and mremap that shrink, go on with mmap_sem held for reading once their VMAs are detached, for
 * lookups of that time.
 */
class MunmapDowngradeTest {
    private static final long BASE = 0x6000_0000_0000L;
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final int PAGES = 64;
    private static final int SEEDS = 40;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    private long mm;
    private boolean over;
    private int beside;

    /** Calls that unmap all pages but the first {@code kept}. */
    private enum Call {
        MUNMAP(0) {
            @Override
            void make(VmaTestKernel test, Cpu cpu, long mm) {
                assertEquals(0, test.kernel.mmap().munmap(cpu, mm, BASE, PAGES * PAGE));
            }
        },
        BRK(1) {
            @Override
            void make(VmaTestKernel test, Cpu cpu, long mm) {
                assertEquals(BASE + PAGE - 1, test.kernel.mmap().brk(cpu, mm, BASE + PAGE - 1));
                assertEquals(BASE + PAGE - 1, test.kernel.mmap().brk(cpu, mm, 0));
            }
        },
        MREMAP(1) {
            @Override
            void make(VmaTestKernel test, Cpu cpu, long mm) {
                assertEquals(BASE, test.kernel.mmap().mremap(cpu, mm, BASE, PAGES * PAGE, PAGE, false, 0));
            }
        };

        final int kept;

        Call(int kept) {
            this.kept = kept;
        }

        abstract void make(VmaTestKernel test, Cpu cpu, long mm);
    }

    private static Stream<Arguments> calls() {
        return Stream.of("mmap-sem", "spf", "per-vma-lock", "per-vma-refcount")
                .flatMap(one -> Arrays.stream(Call.values()).map(call -> Arguments.of(one, call)));
    }

    /**
     * A reader that finds pages, but no VMA, runs beside a call that has detached it and not yet unmapped it; and it
     * may fault on the pages that stay.
     */
    @ParameterizedTest
    @MethodSource("calls")
    void shouldLetReadersInBeforeThePagesGo(String lookup, Call call) {
        beside = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            try (VmaTestKernel test = VmaTestKernel.boot("emu", 2, seed, lookup)) {
                over = false;
                test.run((cpu, id) -> map(test, cpu), 2, (cpu, id) -> run(test, cpu, id, call), (cpu, id) -> {
                    assertFalse(RwSem.isLocked(cpu, MmStruct.MMAP_SEM.of(mm)));
                    test.audit(cpu, mm, call.name());
                    test.kernel.mms().mmput(cpu, mm);
                });
            }
        }
        assertEquals(!lookup.equals("mmap-sem"), beside > 0, beside + " of " + SEEDS);
    }

    private void map(VmaTestKernel test, Cpu cpu) {
        mm = test.kernel.mms().mmAlloc(cpu);
        MmStruct.START_BRK.set(cpu, mm, BASE);
        MmStruct.BRK.set(cpu, mm, BASE);
        assertEquals(BASE + PAGES * PAGE, test.kernel.mmap().brk(cpu, mm, BASE + PAGES * PAGE));
        for (int i = 0; i < PAGES; i++) {
            assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE + i * PAGE, 1));
        }
    }

    private void run(VmaTestKernel test, Cpu cpu, int id, Call call) {
        if (id == 0) {
            call.make(test, cpu, mm);
            over = true;
            return;
        }
        long sem = MmStruct.MMAP_SEM.of(mm);
        boolean seen = false;
        while (!over) {
            if (RwSem.tryDownRead(cpu, sem)) {
                long pte = test.kernel.pageTable().find(cpu, mm, BASE + (PAGES - 1) * PAGE);
                boolean found = test.kernel.mms().findVma(cpu, mm, BASE + call.kept * PAGE) == Cpu.NULL
                        && pte != Cpu.NULL
                        && cpu.readOnce64(pte) != 0;
                if (found && call.kept > 0) {
                    long vma = test.kernel.mms().findVma(cpu, mm, BASE);
                    assertEquals(Faults.MINOR, test.kernel.faults().handleLocked(cpu, vma, BASE, true));
                }
                seen |= found;
                RwSem.upRead(cpu, sem);
            }
            cpu.relax();
        }
        beside += seen ? 1 : 0;
    }

    /** A stack may grow under mmap_sem (R), to where page tables go. */
    @ParameterizedTest
    @ValueSource(strings = {"spf", "per-vma-lock"})
    void shouldNotDowngradeBesideAStack(String lookup) {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, 1, lookup)) {
            test.run((cpu, id) -> {
                mm = test.kernel.mms().mmAlloc(cpu);
                Mmap calls = test.kernel.mmap();
                Munmap unmaps = test.kernel.mms().unmaps();
                MmapLock lock = test.kernel.mms().mmapLock();
                calls.mmap(cpu, mm, BASE, PAGE, RW, true, Cpu.NULL, 0);
                calls.mmap(cpu, mm, BASE + PAGE, PAGE, VmArea.VM_READ, true, Cpu.NULL, 0);
                calls.mmap(cpu, mm, BASE + 4 * PAGE, PAGE, RW | VmArea.VM_GROWSDOWN, true, Cpu.NULL, 0);
                lock.writeLock(cpu, mm);
                assertEquals(0, unmaps.unmapDowngrading(cpu, mm, BASE + PAGE, PAGE));
                assertEquals(Munmap.DOWNGRADED, unmaps.unmapDowngrading(cpu, mm, BASE + 4 * PAGE, PAGE));
                RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }
}
