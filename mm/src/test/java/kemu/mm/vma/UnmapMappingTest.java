package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicBoolean;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.order.Order;
import kemu.kernel.task.Sched;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Inode;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.types.VmArea;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An unmapping lets go of i_mmap_lock between two page tables, and another task changes mappings that it has still to
 * go to, or has behind it.
 */
class UnmapMappingTest {
    private static final long TABLE = PageTable.PMD_SIZE;
    private static final long READ = VmArea.VM_READ | VmArea.VM_SHARED;
    private static final long RW = READ | VmArea.VM_WRITE;
    /** The file spans three page tables, of each of which one page is touched. */
    private static final int TABLES = 3;

    /** Maps what the first two tables hold; nothing is touched. First in the list. */
    private static final long EMPTY = 0x6000_0000_0000L;
    /** Maps the first table read-only: where the unmapping gives way. */
    private static final long LOW = EMPTY + 16 * TABLE;
    /** Maps the other two: where it is to go on. */
    private static final long HIGH = LOW + TABLE;
    /** Maps all three. Last in the list. */
    private static final long LAST = EMPTY + 32 * TABLE;

    /** What the other task does when the unmapping has emptied LOW. */
    private enum Change {
        NOTHING {
            @Override
            void make(Mmap calls, Cpu cpu, long mm) {
                // As it says.
            }
        },
        UNMAP_WHERE_IT_GOES_ON {
            @Override
            void make(Mmap calls, Cpu cpu, long mm) {
                assertEquals(0, calls.munmap(cpu, mm, HIGH, 2 * TABLE));
            }
        },
        SPLIT_WHERE_IT_GOES_ON {
            @Override
            void make(Mmap calls, Cpu cpu, long mm) {
                assertEquals(0, calls.mprotect(cpu, mm, HIGH + TABLE, TABLE, VmArea.VM_READ));
            }
        },
        MOVE_PAGES_TO_WHAT_IS_BEHIND {
            @Override
            void make(Mmap calls, Cpu cpu, long mm) {
                long to = EMPTY + 2 * TABLE;
                assertEquals(to, calls.mremap(cpu, mm, HIGH + TABLE, TABLE, TABLE, true, to));
            }
        },
        MERGE_INTO_WHAT_IS_BEHIND {
            @Override
            void make(Mmap calls, Cpu cpu, long mm) {
                assertEquals(0, calls.mprotect(cpu, mm, LOW, TABLE, VmArea.VM_READ | VmArea.VM_WRITE));
            }
        };

        abstract void make(Mmap calls, Cpu cpu, long mm);
    }

    private VmaTestKernel test;
    private long mm;
    private long file;
    private final AtomicBoolean unmapping = new AtomicBoolean();
    private final AtomicBoolean changed = new AtomicBoolean();

    @ParameterizedTest
    @EnumSource(Change.class)
    void shouldLeaveNothingMappedWhateverChangesWhereItGivesWay(Change change) {
        try (VmaTestKernel booted = VmaTestKernel.bootCooperative()) {
            test = booted;
            test.run(
                    (cpu, id) -> setUp(cpu),
                    2,
                    (cpu, id) -> {
                        if (id == 0) {
                            unmapAll(cpu);
                        } else {
                            change(cpu, change);
                        }
                    },
                    (cpu, id) -> {
                        assertTrue(changed.get(), "it did not give way");
                        assertEquals(0, test.kernel.vmStat().sum(cpu, VmStatItem.NR_MAPPED), "pages still mapped");
                        test.audit(cpu, mm, "at the end");
                        test.kernel.mms().mmput(cpu, mm);
                        test.kernel.files().put(cpu, file);
                    });
        }
    }

    private void setUp(Cpu cpu) {
        mm = test.kernel.mms().mmAlloc(cpu);
        file = test.kernel.files().open(cpu, 5, TABLES * TABLE);
        map(cpu, EMPTY, 2, RW, 0);
        map(cpu, LOW, 1, READ, 0);
        map(cpu, HIGH, 2, RW, 1);
        map(cpu, LAST, TABLES, RW, 0);
        for (int i = 0; i < TABLES; i++) {
            assertTrue(test.kernel.userAccess().load64(cpu, mm, LOW + i * TABLE, 0) >= 0);
            assertTrue(test.kernel.userAccess().load64(cpu, mm, LAST + i * TABLE, 0) >= 0);
        }
        assertEquals(TABLES, test.kernel.vmStat().sum(cpu, VmStatItem.NR_MAPPED));
    }

    private void map(Cpu cpu, long at, int tables, long flags, int fromTable) {
        long pages = TABLE / 4096;
        assertEquals(at, test.kernel.mmap().mmap(cpu, mm, at, tables * TABLE, flags, true, file, fromTable * pages));
    }

    private void unmapAll(Cpu cpu) {
        UnmapMapping unmap = new UnmapMapping(test.kernel.gathers(), test.kernel.pageTable(), test.kernel.mms());
        unmapping.set(true);
        wanted(cpu);
        unmap.unmapMappingRange(cpu, file, 0, Long.MAX_VALUE, true);
        unmapping.set(false);
    }

    private void change(Cpu cpu, Change change) {
        long host = AddressSpace.HOST.get(cpu, file);
        // Ends: the other task comes to its turn, and gives way in the middle.
        while (!unmapping.get() || Inode.UNMAP_AT.get(cpu, host) == Cpu.NULL) {
            wanted(cpu);
            Sched.of(cpu).condResched(cpu);
        }
        change.make(test.kernel.mmap(), cpu, mm);
        changed.set(true);
    }

    /** As if a tick had found the time slice used up. */
    private static void wanted(Cpu cpu) {
        cpu.fetchOr32(Area.PENDING.of(cpu.area()), Area.RESCHED, Order.RELAXED);
    }
}
