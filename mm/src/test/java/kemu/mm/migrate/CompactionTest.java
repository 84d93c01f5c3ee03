package kemu.mm.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompactionTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int ORDER = 7;
    private static final int PAGES = 24;

    private static void fill(Kernel kernel, Cpu cpu, long mm, int pages) {
        kernel.mmap().mmap(cpu, mm, BASE, (long) pages * PAGE, RW, true, Cpu.NULL, 0);
        for (int i = 0; i < pages; i++) {
            assertEquals(0, kernel.userAccess().store64(cpu, mm, BASE + (long) i * PAGE, i));
        }
    }

    @Test
    void shouldMakeALargeBlockOfScatteredFreePages() {
        try (VmaTestKernel lab = VmaTestKernel.boot((MemoryModel) null, 1, 1, KernelConfig.of(0))) {
            lab.run((cpu, id) -> {
                Kernel kernel = lab.kernel;
                int pages = (int)
                        (kernel.pages().freePageCount(cpu) - kernel.pages().highWatermark() - 8);
                long mm = kernel.mms().mmAlloc(cpu);
                fill(kernel, cpu, mm, pages);
                for (int i = 0; i < pages; i += 2) {
                    kernel.mmap().madviseDontneed(cpu, mm, BASE + (long) i * PAGE, PAGE);
                }
                kernel.lru().drainAll(cpu);
                kernel.pages().drainAll(cpu);
                assertFalse(
                        kernel.pages().watermarkOk(cpu, ORDER, kernel.pages().lowWatermark()));
                assertTrue(kernel.compaction().tryToCompactPages(cpu, ORDER));
                long block = kernel.pages().allocPages(cpu, Gfp.NOWAIT, ORDER);
                assertTrue(block != Cpu.NULL);
                kernel.pages().freePages(cpu, block, ORDER);
                for (int i = 1; i < pages; i += 2) {
                    assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + (long) i * PAGE, i));
                }
                lab.audit(cpu, mm, "compaction");
                kernel.mms().mmput(cpu, mm);
                assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.COMPACT_STALL));
                assertEquals(1, kernel.vmStat().sum(cpu, VmStatItem.COMPACT_SUCCESS));
                assertTrue(kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS) > 0);
                assertTrue(kernel.vmStat().sum(cpu, VmStatItem.COMPACT_MIGRATE_SCANNED) > 0);
                assertTrue(kernel.vmStat().sum(cpu, VmStatItem.COMPACT_FREE_SCANNED) > 0);
            });
        }
    }

    @Test
    void shouldSayThatThereIsNothingToMakeABlockOf() {
        try (VmaTestKernel lab = VmaTestKernel.boot((MemoryModel) null, 1, 1, KernelConfig.of(0))) {
            lab.run((cpu, id) -> {
                // No machine this small has it.
                assertFalse(lab.kernel.compaction().tryToCompactPages(cpu, 10));
                assertEquals(1, lab.kernel.vmStat().sum(cpu, VmStatItem.COMPACT_FAIL));
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "native, root-recheck, 1",
        "native, root-rwsem, 2",
        "native, local-lock, 3",
        "sc, root-recheck, 4",
        "tso, refcount, 5",
        "weak, root-recheck, 6",
        "weak, root-rwsem-revalidate, 7"
    })
    void shouldLoseNothingWhileProcessesGoOn(String kind, String anonVma, long seed) {
        MemoryModel model = kind.equals("native") ? null : MemoryModel.byName(kind);
        int rounds = model == null ? 400 : 40;
        AtomicInteger living = new AtomicInteger(3);
        KernelConfig config = new KernelConfig(anonVma, 512);
        try (VmaTestKernel lab = VmaTestKernel.boot(model, 4, seed, config)) {
            lab.run(
                    (cpu, id) -> {},
                    4,
                    (cpu, id) -> {
                        SplittableRandom random = new SplittableRandom(seed * 31 + id);
                        if (id == 3) {
                            // Ends with the others.
                            for (int i = 0; living.get() > 0; i++) {
                                lab.kernel.compaction().compactNode(cpu);
                                if (i % 4 == 3) {
                                    lab.reclaim(cpu);
                                }
                                Sched.of(cpu).condResched(cpu);
                            }
                        } else {
                            live(lab, cpu, random, rounds);
                            living.decrementAndGet();
                        }
                    },
                    (cpu, id) -> assertTrue(lab.kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS) > 0));
        }
    }

    /** A process that knows what each of its pages holds, and does to them what it may. */
    private static void live(VmaTestKernel lab, Cpu cpu, SplittableRandom random, int rounds) {
        Kernel kernel = lab.kernel;
        long mm = kernel.mms().mmAlloc(cpu);
        fill(kernel, cpu, mm, PAGES);
        long[] holds = new long[PAGES];
        for (int i = 0; i < PAGES; i++) {
            holds[i] = i;
        }
        // Ends: pages are moved until it does.
        for (int round = 0; round < rounds || kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS) == 0; round++) {
            Sched.of(cpu).condResched(cpu);
            int at = random.nextInt(PAGES);
            long address = BASE + (long) at * PAGE;
            switch (random.nextInt(6)) {
                case 0 -> {
                    long child = kernel.mms().dupMm(cpu, mm);
                    assertEquals(0, kernel.userAccess().storeChecked(cpu, child, address, holds[at], -1));
                    assertEquals(0, kernel.userAccess().load64(cpu, child, address, -1));
                    kernel.mms().mmput(cpu, child);
                }
                case 1 -> {
                    assertEquals(0, kernel.mmap().madviseDontneed(cpu, mm, address, PAGE));
                    holds[at] = 0;
                }
                case 2 -> {
                    kernel.mmap().mprotect(cpu, mm, address, PAGE, VmArea.VM_READ);
                    assertEquals(0, kernel.userAccess().load64(cpu, mm, address, holds[at]));
                    kernel.mmap().mprotect(cpu, mm, address, PAGE, RW);
                }
                default -> {
                    long next = random.nextLong();
                    assertEquals(0, kernel.userAccess().storeChecked(cpu, mm, address, holds[at], next));
                    holds[at] = next;
                }
            }
        }
        for (int i = 0; i < PAGES; i++) {
            assertEquals(0, kernel.userAccess().load64(cpu, mm, BASE + (long) i * PAGE, holds[i]));
        }
        kernel.mms().mmput(cpu, mm);
    }
}
