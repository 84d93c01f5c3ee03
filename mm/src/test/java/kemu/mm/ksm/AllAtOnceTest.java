package kemu.mm.ksm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Processes that know what each of their pages holds, while those are merged, moved to other frames, swapped out,
 * locked, truncated, and moved to other addresses, all at once.
 */
class AllAtOnceTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    /** Pages of a process: anonymous ones, and private ones of its file. */
    private static final int PAGES = 24;

    private static final int FILE_PAGES = 8;
    private static final int KINDS = 3;
    private static final int PROCESSES = 3;
    private static final int SPARE = 64;

    @ParameterizedTest
    @CsvSource({
        "native, root-recheck, mmap-sem, with-barrier, list, 1",
        "native, root-rwsem, spf, last-unmap-pte-lock, interval-tree, 2",
        "native, refcount, per-vma-lock, rmap-counted, list, 3",
        "sc, root-recheck, per-vma-lock, pte-lock, interval-tree, 4",
        "tso, local-lock, spf, rmap-counted-locked, list, 5",
        "weak, root-recheck, mmap-sem, last-unmap, list, 6",
        "weak, root-rwsem-revalidate, spf, with-barrier, interval-tree, 7"
    })
    void shouldLoseNothing(String kind, String anonVma, String lookup, String mlock, String index, long seed) {
        MemoryModel model = kind.equals("native") ? null : MemoryModel.byName(kind);
        int rounds = model == null ? 500 : 60;
        KernelConfig config = new KernelConfig(anonVma, 512)
                .withVmaLookup(lookup)
                .withMlock(mlock)
                .withAnonVmaIndex(index)
                .withKsm(KsmRuleSets.CURRENT);
        AtomicInteger living = new AtomicInteger(PROCESSES);
        try (VmaTestKernel lab = VmaTestKernel.boot(model, 4, seed, config)) {
            Kernel kernel = lab.kernel;
            lab.run(
                    (cpu, id) -> {},
                    PROCESSES + 2,
                    (cpu, id) -> {
                        if (id < PROCESSES) {
                            new Process(kernel, cpu, id, seed * 31 + id).live(cpu, rounds);
                            living.decrementAndGet();
                        } else if (id == PROCESSES) {
                            // Ends with the processes, as the next.
                            while (living.get() > 0) {
                                kernel.ksm().scan(cpu, 16);
                                Sched.of(cpu).condResched(cpu);
                            }
                        } else {
                            for (int i = 0; living.get() > 0; i++) {
                                kernel.compaction().compactNode(cpu);
                                if (i % 4 == 3) {
                                    lab.reclaim(cpu);
                                }
                                Sched.of(cpu).condResched(cpu);
                            }
                        }
                    },
                    (cpu, id) -> {
                        assertTrue(kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS) > 0);
                        kernel.swap().dropUnused(cpu);
                        kernel.lru().drainAll(cpu);
                        kernel.ksm().settle(cpu);
                        assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
                    });
        }
    }

    private static final class Process {
        private final Kernel kernel;
        private final SplittableRandom random;
        private final long mm;
        private final long file;
        private final long[] holds = new long[PAGES];

        Process(Kernel kernel, Cpu cpu, int id, long seed) {
            this.kernel = kernel;
            random = new SplittableRandom(seed);
            mm = kernel.mms().mmAlloc(cpu);
            // As if it had threads: faults then go the ways without mmap_sem.
            kernel.mms().mmget(cpu, mm);
            file = kernel.files().open(cpu, 100 + id, 0);
            assertEquals(0, kernel.truncate().ftruncate(cpu, file, (long) FILE_PAGES * PAGE));
            int anon = PAGES - FILE_PAGES;
            map(cpu, BASE, anon, Cpu.NULL);
            map(cpu, at(anon), FILE_PAGES, file);
            for (int i = 0; i < PAGES; i++) {
                store(cpu, i);
            }
        }

        private static long at(int page) {
            return BASE + (long) page * PAGE;
        }

        private void map(Cpu cpu, long address, int pages, long of) {
            long length = (long) pages * PAGE;
            assertEquals(address, kernel.mmap().mmap(cpu, mm, address, length, RW, true, of, 0));
            assertEquals(0, kernel.mmap().madviseMergeable(cpu, mm, address, length, true));
        }

        private void store(Cpu cpu, int page) {
            long next = random.nextInt(KINDS);
            assertEquals(0, kernel.userAccess().storeChecked(cpu, mm, at(page), holds[page], next), "page " + page);
            holds[page] = next;
        }

        void live(Cpu cpu, int rounds) {
            // Ends: pages are moved and merged until it does.
            for (int i = 0; i < rounds || !happened(cpu); i++) {
                Sched.of(cpu).condResched(cpu);
                call(cpu, random.nextInt(PAGES));
            }
            for (int i = 0; i < PAGES; i++) {
                assertEquals(0, kernel.userAccess().load64(cpu, mm, at(i), holds[i]), "page " + i);
            }
            kernel.mms().mmput(cpu, mm);
            kernel.mms().mmput(cpu, mm);
            kernel.files().put(cpu, file);
        }

        private boolean happened(Cpu cpu) {
            return kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS) > 0
                    && kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_MERGED) > 0;
        }

        private void call(Cpu cpu, int page) {
            boolean anon = page < PAGES - FILE_PAGES;
            switch (random.nextInt(9)) {
                case 0 -> fork(cpu, page);
                case 1 -> assertEquals(0, kernel.mlock().mlock(cpu, mm, at(page), PAGE));
                case 2, 3 -> kernel.mlock().munlock(cpu, mm, at(page), 2L * PAGE);
                case 4 -> {
                    if (anon) {
                        moveAndBack(cpu, page);
                    } else {
                        cutOff(cpu, page);
                    }
                }
                case 5 -> {
                    if (anon) {
                        remapAndBack(cpu, page);
                    }
                }
                case 6 -> {
                    kernel.mmap().mprotect(cpu, mm, at(page), PAGE, VmArea.VM_READ);
                    assertEquals(0, kernel.userAccess().load64(cpu, mm, at(page), holds[page]), "page " + page);
                    kernel.mmap().mprotect(cpu, mm, at(page), PAGE, RW);
                }
                default -> store(cpu, page);
            }
        }

        private void fork(Cpu cpu, int page) {
            long child = kernel.mms().dupMm(cpu, mm);
            if (child != Cpu.NULL) {
                assertEquals(0, kernel.userAccess().storeChecked(cpu, child, at(page), holds[page], KINDS));
                assertEquals(0, kernel.userAccess().load64(cpu, mm, at(page), holds[page]));
                kernel.mms().mmput(cpu, child);
            }
        }

        /** UFFDIO_MOVE, to an empty place and back, as far as it goes. */
        private void moveAndBack(Cpu cpu, int page) {
            long spare = at(SPARE + page);
            kernel.mmap().mmap(cpu, mm, spare, PAGE, RW, true, Cpu.NULL, 0);
            if (kernel.movePages().move(cpu, mm, at(page), spare) == 0) {
                assertEquals(0, kernel.userAccess().load64(cpu, mm, spare, holds[page]));
                // Ends: what keeps it from moving now goes.
                while (kernel.movePages().move(cpu, mm, spare, at(page)) != 0) {
                    // A write unshares it.
                    assertEquals(0, kernel.userAccess().storeChecked(cpu, mm, spare, holds[page], holds[page]));
                    Sched.of(cpu).condResched(cpu);
                }
            }
            kernel.mmap().munmap(cpu, mm, spare, PAGE);
        }

        private void remapAndBack(Cpu cpu, int page) {
            long spare = at(SPARE + page);
            assertEquals(spare, kernel.mmap().mremap(cpu, mm, at(page), PAGE, PAGE, true, spare));
            assertEquals(0, kernel.userAccess().load64(cpu, mm, spare, holds[page]));
            assertEquals(at(page), kernel.mmap().mremap(cpu, mm, spare, PAGE, PAGE, true, at(page)));
        }

        /** What is behind {@code page} of the file is cut off, its copies included, and grows again as zeros. */
        private void cutOff(Cpu cpu, int page) {
            long keeps = page - (PAGES - FILE_PAGES);
            assertEquals(0, kernel.truncate().ftruncate(cpu, file, keeps * PAGE));
            assertEquals(0, kernel.truncate().ftruncate(cpu, file, (long) FILE_PAGES * PAGE));
            for (int i = page; i < PAGES; i++) {
                holds[i] = 0;
            }
        }
    }
}
