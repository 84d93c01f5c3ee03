package kemu.mm.huge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Threads of one mm use the same two huge pages, one word each in every small page of a few, and each has a range of
 * its own that it unmaps, protects and moves in parts; children come and go, and memory is reclaimed all the while, and
 * collapsed by khugepaged.
 */
class HugeRacesTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x7000_0000_0000L;
    private static final long OWN = BASE + 64 * HugePages.SIZE;
    private static final long AWAY = BASE + 256 * HugePages.SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int THREADS = 2;
    /** Pages of each range that are used: all over it. */
    private static final int PAGES = 12;

    private static final class Race {
        final VmaTestKernel test;
        final Kernel kernel;
        final int rounds;
        final long seed;
        final AtomicLong mm = new AtomicLong();
        final AtomicInteger collapses = new AtomicInteger();
        final AtomicInteger running = new AtomicInteger(THREADS);

        Race(VmaTestKernel test, int rounds, long seed) {
            this.test = test;
            kernel = test.kernel;
            this.rounds = rounds;
            this.seed = seed;
        }

        void run() {
            test.run(this::begin, THREADS + 1, this::task, this::end);
        }

        private void begin(Cpu cpu, int id) {
            long fresh = kernel.mms().mmAlloc(cpu);
            kernel.mmap().mmap(cpu, fresh, BASE, 2 * HugePages.SIZE, RW, true, Cpu.NULL, 0);
            mm.set(fresh);
        }

        private void end(Cpu cpu, int id) {
            test.audit(cpu, mm.get(), "all");
            kernel.mms().mmput(cpu, mm.get());
            assertEquals(0, kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
            assertEquals("", kernel.lru().audit(cpu));
            for (int i = 0; i < 20 && kernel.swap().usedEntries(cpu) != 0; i++) {
                kernel.swap().dropUnused(cpu);
            }
        }

        private void task(Cpu cpu, int id) {
            if (id == THREADS) {
                // Ends when the threads are done.
                while (running.get() > 0) {
                    test.reclaim(cpu);
                    kernel.lru().drainAll(cpu);
                    kernel.khugepaged().scan(cpu, 2 * Page.HUGE_FRAMES);
                    Sched.of(test.machine).sleep(cpu, 1);
                }
                return;
            }
            thread(cpu, id, new SplittableRandom(seed * 31 + id));
            running.decrementAndGet();
        }

        private void thread(Cpu cpu, int who, SplittableRandom random) {
            long[] model = new long[PAGES];
            long[] own = new long[PAGES];
            map(cpu, own(who));
            for (int round = 0; round < rounds; round++) {
                touch(cpu, BASE, who, model, random);
                touch(cpu, own(who), 0, own, random);
                switch (random.nextInt(9)) {
                    case 8 -> collapse(cpu, random.nextBoolean() ? BASE : own(who));
                    case 0 -> child(cpu, who, model);
                    case 1 -> punch(cpu, own(who), own, random);
                    case 2 -> protect(cpu, own(who), random);
                    case 3 -> move(cpu, who, own);
                    case 4 -> {
                        kernel.mmap().munmap(cpu, mm.get(), own(who), HugePages.SIZE);
                        map(cpu, own(who));
                        Arrays.fill(own, 0);
                    }
                    default -> Sched.of(test.machine).condResched(cpu);
                }
            }
            for (int i = 0; i < PAGES; i++) {
                assertEquals(0, kernel.userAccess().load64(cpu, mm.get(), word(BASE, i, who), model[i]));
                assertEquals(0, kernel.userAccess().load64(cpu, mm.get(), word(own(who), i, 0), own[i]));
            }
            kernel.mmap().munmap(cpu, mm.get(), own(who), HugePages.SIZE);
        }

        /** Whether it can be is a matter of luck. */
        private void collapse(Cpu cpu, long at) {
            if (kernel.mmap().madviseCollapse(cpu, mm.get(), at, HugePages.SIZE) == 0) {
                collapses.incrementAndGet();
            }
        }

        private static long own(int who) {
            return OWN + who * 4 * HugePages.SIZE;
        }

        private void map(Cpu cpu, long at) {
            kernel.mmap().mmap(cpu, mm.get(), at, HugePages.SIZE, RW, true, Cpu.NULL, 0);
        }

        /** Page {@code i} of those used in the range at {@code base}. */
        private static long word(long base, int i, int who) {
            return base + i * 43L * PAGE + who * 8L;
        }

        private void touch(Cpu cpu, long base, int who, long[] model, SplittableRandom random) {
            int i = random.nextInt(PAGES);
            long next = random.nextLong();
            boolean write = random.nextInt(3) != 0;
            int code = kernel.userAccess().touch(cpu, mm.get(), word(base, i, who), write, model[i], next);
            assertEquals(
                    0,
                    code,
                    () -> "page " + i + " of thread " + who + ": "
                            + kernel.userAccess().lastValue(cpu) + " instead of " + model[i]);
            if (write) {
                model[i] = next;
            }
        }

        private void child(Cpu cpu, int who, long[] model) {
            long child = kernel.mms().dupMm(cpu, mm.get());
            if (child == Cpu.NULL) {
                return;
            }
            assertEquals(0, kernel.userAccess().storeChecked(cpu, child, word(BASE, 3, who), model[3], 1));
            for (int i = 0; i < PAGES; i++) {
                long expected = i == 3 ? 1 : model[i];
                assertEquals(0, kernel.userAccess().load64(cpu, child, word(BASE, i, who), expected));
            }
            kernel.mms().mmput(cpu, child);
        }

        private void punch(Cpu cpu, long base, long[] own, SplittableRandom random) {
            int first = random.nextInt(PAGES);
            int last = first + random.nextInt(PAGES - first);
            long at = word(base, first, 0);
            assertEquals(0, kernel.mmap().madviseDontneed(cpu, mm.get(), at, word(base, last, 0) + PAGE - at));
            Arrays.fill(own, first, last + 1, 0);
        }

        private void protect(Cpu cpu, long base, SplittableRandom random) {
            long at = word(base, random.nextInt(PAGES), 0);
            assertEquals(0, kernel.mmap().mprotect(cpu, mm.get(), at, PAGE, VmArea.VM_READ));
            assertTrue(kernel.userAccess().store64(cpu, mm.get(), at, 1) < 0);
            assertEquals(0, kernel.mmap().mprotect(cpu, mm.get(), base, HugePages.SIZE, RW));
        }

        private void move(Cpu cpu, int who, long[] own) {
            long away = AWAY + who * 4 * HugePages.SIZE + (who & 1) * PAGE;
            long size = HugePages.SIZE;
            assertEquals(away, kernel.mmap().mremap(cpu, mm.get(), own(who), size, size, true, away));
            assertEquals(0, kernel.userAccess().load64(cpu, mm.get(), word(away, 5, 0), own[5]));
            assertEquals(own(who), kernel.mmap().mremap(cpu, mm.get(), away, size, size, true, own(who)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "native, root-recheck, list, 4, 600",
        "native, root-rwsem, interval-tree, 3, 600",
        "tso, root-recheck, list, 12, 25",
        "weak, root-rwsem, list, 8, 25",
        "weak, refcount, list, 6, 25"
    })
    void shouldNeverLoseAStore(String kind, String anonVma, String index, int seeds, int rounds) {
        MemoryModel model = kind.equals("native") ? null : MemoryModel.byName(kind);
        KernelConfig config = new KernelConfig(anonVma, 16_384)
                .withAnonVmaIndex(index)
                .withThp(HugePages.ALWAYS)
                .withKhugepaged(1);
        long splits = 0;
        long collapses = 0;
        long scanned = 0;
        for (int seed = 1; seed <= seeds; seed++) {
            KernelConfig of = switch (seed % 3) {
                case 0 -> config.withVmaLookup("per-vma-lock");
                case 1 -> config;
                default -> config.withVmaLookup("spf");
            };
            try (VmaTestKernel test = VmaTestKernel.boot(model, THREADS + 1, seed, 40L << 20, of)) {
                Race race = new Race(test, rounds, seed);
                race.run();
                collapses += race.collapses.get();
                scanned += test.kernel.vmStat().sum(test.machine.bootCpu(), VmStatItem.KHUGEPAGED_PAGES_COLLAPSED);
                splits += test.kernel.vmStat().sum(test.machine.bootCpu(), VmStatItem.THP_SPLIT_PAGE);
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(splits > seeds, "hardly anything was split");
        assertTrue(collapses > 0, "nothing was collapsed");
        assertTrue(scanned > 0, "khugepaged has collapsed nothing");
    }
}
