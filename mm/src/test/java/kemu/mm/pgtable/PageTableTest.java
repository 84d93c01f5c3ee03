package kemu.mm.pgtable;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.concurrent.atomic.AtomicInteger;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Barriers;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.MmStruct;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PageTableTest {
    private static final long BASE = 0x5000_0000_0000L;
    private static final long SOME_MM = 0x1000;
    private static final int FREED = 64;
    private static final int BAD = 128;
    private static final int FENCE = Barriers.fence("test.USER_ACCESS");

    /** What a task does on each CPU. */
    private interface Body {
        void run(Kernel kernel, Cpu cpu, int id);
    }

    private static void boot(String kind, int cpus, long seed, Body before, Body onEach, Body after) {
        MachineConfig config = new MachineConfig(4L << 20, cpus, seed, true, "ticket", 32);
        try (Machine machine =
                kind.equals("native") ? KernelCore.bootNative(config) : KernelCore.bootEmulated(config)) {
            Kernel kernel = new Kernel(machine, new KernelConfig("root-recheck", 0));
            before.run(kernel, machine.bootCpu(), 0);
            AtomicInteger left = new AtomicInteger(cpus);
            for (int i = 0; i < cpus; i++) {
                int id = i;
                Sched.of(machine)
                        .spawn(
                                machine.bootCpu(),
                                cpu -> {
                                    onEach.run(kernel, cpu, id);
                                    if (left.decrementAndGet() == 0) {
                                        after.run(kernel, cpu, id);
                                        machine.halt();
                                    }
                                },
                                i,
                                "test",
                                0);
            }
            machine.run();
        }
    }

    @ParameterizedTest
    @CsvSource({"native, 4, 30", "emu, 2, 150", "emu, 4, 100"})
    void shouldMakeOneTableWhenAllocatorsRace(String kind, int cpus, int seeds) {
        for (int seed = 0; seed < seeds; seed++) {
            long[] mm = new long[1];
            long[] before = new long[1];
            long[][] found = new long[cpus][4];
            boot(
                    kind,
                    cpus,
                    seed,
                    (kernel, cpu, id) -> {
                        mm[0] = kernel.mms().mmAlloc(cpu);
                        before[0] = kernel.vmStat().sum(cpu, VmStatItem.NR_PAGE_TABLE_PAGES);
                    },
                    (kernel, cpu, id) -> {
                        for (int i = 0; i < 4; i++) {
                            found[id][i] = kernel.pageTable().alloc(cpu, mm[0], BASE + ((long) i << 21));
                        }
                    },
                    (kernel, cpu, id) -> {
                        for (int i = 0; i < 4; i++) {
                            for (int j = 0; j < cpus; j++) {
                                assertEquals(found[0][i], found[j][i]);
                            }
                            assertEquals(found[0][i], kernel.pageTable().find(cpu, mm[0], BASE + ((long) i << 21)));
                        }
                        assertEquals(6, kernel.pageTable().countTables(cpu, mm[0]));
                        assertEquals(6, MmStruct.NR_PTES.get(cpu, mm[0]));
                        kernel.gathers().freeRange(cpu, 0, mm[0], BASE, BASE + (4L << 21), 0, 1L << 48);
                        assertEquals(0, MmStruct.NR_PTES.get(cpu, mm[0]));
                        assertEquals(before[0], kernel.vmStat().sum(cpu, VmStatItem.NR_PAGE_TABLE_PAGES));
                        kernel.mms().mmput(cpu, mm[0]);
                    });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldFindTablesInOrderAndSkipWhatIsAbsent(String kind) {
        boot(
                kind,
                1,
                1,
                (kernel, cpu, id) -> {},
                (kernel, cpu, id) -> {
                    PageTable tables = kernel.pageTable();
                    long mm = kernel.mms().mmAlloc(cpu);
                    long[] at = {0x1000, BASE + 0x3000, BASE + (5L << 21), BASE + (7L << 30), PageTable.TASK_SIZE - 4096
                    };
                    for (long address : at) {
                        assertEquals(0, tables.find(cpu, mm, address));
                        assertNotEquals(0, tables.alloc(cpu, mm, address));
                    }
                    long from = 0;
                    for (long address : at) {
                        long next = tables.nextPresent(cpu, mm, from, PageTable.TASK_SIZE);
                        assertEquals(address & -PageTable.PMD_SIZE, next);
                        assertEquals(
                                tables.find(cpu, mm, address),
                                PageTable.pteIn(tables.findTable(cpu, mm, next), address));
                        from = PageTable.tableEnd(next, PageTable.TASK_SIZE);
                    }
                    assertEquals(PageTable.TASK_SIZE, tables.nextPresent(cpu, mm, from, PageTable.TASK_SIZE));
                    assertEquals(5, tables.nextPresent(cpu, mm, 5, 4096), "inside a table the address itself");
                    kernel.gathers().freeRange(cpu, 0, mm, BASE, BASE + 4096, 0, BASE + (5L << 21));
                    assertEquals(0, tables.find(cpu, mm, BASE + 0x3000), "its table is free");
                    assertNotEquals(0, tables.find(cpu, mm, BASE + (5L << 21)), "the ceiling protects this one");
                    kernel.gathers().freeRange(cpu, 0, mm, 0, PageTable.TASK_SIZE, 0, 1L << 48);
                    assertEquals(0, tables.countTables(cpu, mm));
                    kernel.mms().mmput(cpu, mm);
                },
                (kernel, cpu, id) -> {});
    }

    /**
     * The flush returns only once the access that saw the old pte is over, so what it frees is not accessed any more.
     */
    @ParameterizedTest
    @CsvSource({"native, 20", "emu, 200"})
    void shouldWaitForUserAccessInFlightWhenFlushing(String kind, int seeds) {
        for (int seed = 0; seed < seeds; seed++) {
            long[] words = new long[1];
            boot(
                    kind,
                    2,
                    seed,
                    (kernel, cpu, id) -> {
                        words[0] = kernel.pages().frameOf(kernel.pages().allocPages(cpu, Gfp.ZERO, 0));
                        cpu.writeOnce64(words[0], Pte.PRESENT);
                    },
                    (kernel, cpu, id) -> {
                        if (id == 0) {
                            cpu.writeOnce64(words[0], 0);
                            kernel.pageTable().flushTlbMm(cpu, SOME_MM);
                            cpu.writeOnce64(words[0] + FREED, 1);
                        } else {
                            for (int i = 0; i < 20; i++) {
                                access(cpu, words[0]);
                            }
                        }
                    },
                    (kernel, cpu, id) -> assertEquals(0, cpu.readOnce64(words[0] + BAD), "access after free"));
        }
    }

    /** A user access: announce, look at the pte, and while it lasts expect that the frame is not free. */
    private static void access(Cpu cpu, long words) {
        Area.USER_ACCESS_MM.writeOnce(cpu, cpu.area(), SOME_MM);
        cpu.smpMb(FENCE);
        if (Pte.present(cpu.readOnce64(words)) && cpu.readOnce64(words + FREED) != 0) {
            cpu.writeOnce64(words + BAD, 1);
        }
        Area.USER_ACCESS_MM.release(cpu, cpu.area(), Cpu.NULL);
    }
}
