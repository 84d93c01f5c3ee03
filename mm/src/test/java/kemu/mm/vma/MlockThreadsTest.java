package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.KernelConfig;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.Lru;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.VmArea;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Threads of two processes and their children write, mlock, munlock, truncate and reclaim: when all are gone no page is
 * mlocked and none is on the unevictable list, and none was freed with PG_mlocked, but by who may.
 */
class MlockThreadsTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long ANON = 0x5000_0000_0000L;
    private static final long PRIVATE = 0x5100_0000_0000L;
    private static final long SHARED = 0x5200_0000_0000L;
    private static final long[] PLACES = {ANON, PRIVATE, SHARED};
    private static final int PAGES = 8;
    private static final long KEY = 99;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int MMS = 2;

    private VmaTestKernel test;
    private final long[] mms = new long[MMS];
    private long file;

    private long mlocked;
    private long cleared;
    private long freed;

    static Stream<Arguments> sound() {
        return Stream.of("with-barrier", "pagevec", "pte-lock", "last-unmap-pte-lock", "rmap-counted-locked")
                .flatMap(one -> Stream.of(
                        Arguments.of(one, null, 2, 300),
                        Arguments.of(one, MemoryModel.SC, 15, 25),
                        Arguments.of(one, MemoryModel.TSO, 8, 25),
                        Arguments.of(one, MemoryModel.WEAK, 8, 25)));
    }

    @ParameterizedTest
    @MethodSource("sound")
    void shouldLeaveNothingMlocked(String mlock, MemoryModel model, int seeds, int steps) {
        assertFalse(Mlockings.byName(mlock).knownBad());
        storm(mlock, model, seeds, steps);
        assertTrue(mlocked > seeds, "pages are mlocked");
        if (!Mlockings.byName(mlock).freesMlocked()) {
            assertEquals(0, freed, "mlockfreed");
        }
    }

    @Test
    void shouldMunlockWhatIsTruncatedOrFreeItMlocked() {
        storm("last-unmap-pte-lock", MemoryModel.SC, 15, 25);
        assertTrue(cleared > 0, "the last unmapping clears PG_mlocked");
        storm("with-barrier", MemoryModel.SC, 15, 25);
        assertTrue(freed > 0, "Linux 2.6.32 frees pages with PG_mlocked");
    }

    private void storm(String mlock, MemoryModel model, int seeds, int steps) {
        mlocked = 0;
        cleared = 0;
        freed = 0;
        for (int seed = 0; seed < seeds; seed++) {
            KernelConfig config = new KernelConfig("root-recheck", VmaTestKernel.SWAP_PAGES).withMlock(mlock);
            try (VmaTestKernel booted = VmaTestKernel.boot(model, 2, seed, config)) {
                test = booted;
                long base = 1000L * seed;
                booted.run(
                        this::before,
                        2 * MMS,
                        (cpu, id) -> live(cpu, mms[id % MMS], new SplittableRandom(base + id), steps),
                        this::after);
            }
        }
    }

    private void before(Cpu cpu, int id) {
        file = test.kernel.files().open(cpu, KEY, PAGES * PAGE);
        for (int i = 0; i < MMS; i++) {
            mms[i] = test.kernel.mms().mmAlloc(cpu);
            map(cpu, mms[i]);
        }
    }

    private void map(Cpu cpu, long mm) {
        Mmap calls = test.kernel.mmap();
        calls.mmap(cpu, mm, ANON, PAGES * PAGE, RW, true, Cpu.NULL, 0);
        calls.mmap(cpu, mm, PRIVATE, PAGES * PAGE, RW, true, file, 0);
        calls.mmap(cpu, mm, SHARED, PAGES * PAGE, RW | VmArea.VM_SHARED, true, file, 0);
    }

    private void live(Cpu cpu, long mm, SplittableRandom random, int steps) {
        for (int i = 0; i < steps; i++) {
            step(cpu, mm, random);
        }
    }

    private void step(Cpu cpu, long mm, SplittableRandom random) {
        long at = PLACES[random.nextInt(PLACES.length)] + random.nextInt(PAGES) * PAGE;
        long length = (1 + random.nextInt(3)) * PAGE;
        // Errors are as they may be: ranges end in holes, files are short.
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> test.kernel.userAccess().store64(cpu, mm, at, random.nextLong());
            case 3 -> test.kernel.userAccess().load64(cpu, mm, at, 0);
            case 4, 5 -> test.kernel.mlock().mlock(cpu, mm, at, length);
            case 6 -> test.kernel.mlock().munlock(cpu, mm, at, length);
            case 7 -> test.kernel.truncate().ftruncate(cpu, file, random.nextInt(PAGES + 1) * PAGE);
            case 8 -> test.reclaim(cpu);
            case 9 -> child(cpu, mm, random);
            case 10 -> test.kernel.mmap().munmap(cpu, mm, at, length);
            default -> {
                if (random.nextBoolean()) {
                    map(cpu, mm);
                } else {
                    test.kernel.mlock().munlockall(cpu, mm);
                }
            }
        }
    }

    /** fork, some writes to what is shared with the parent, mlock of some of it, exit. */
    private void child(Cpu cpu, long mm, SplittableRandom random) {
        long child = test.kernel.mms().dupMm(cpu, mm);
        if (child == Cpu.NULL) {
            return;
        }
        for (int i = 0; i < 3; i++) {
            long at = PLACES[random.nextInt(PLACES.length)] + random.nextInt(PAGES) * PAGE;
            if (random.nextBoolean()) {
                test.kernel.userAccess().store64(cpu, child, at, 1);
            } else {
                test.kernel.mlock().mlock(cpu, child, at, 2 * PAGE);
            }
        }
        test.kernel.mms().mmput(cpu, child);
    }

    private void after(Cpu cpu, int id) {
        for (long mm : mms) {
            test.audit(cpu, mm, "at the end");
            test.kernel.mms().mmput(cpu, mm);
        }
        test.kernel.lru().drainAll(cpu);
        if (!Mlockings.byName(test.kernel.config().mlock()).freesMlocked()) {
            // Else a page that mlock() marked after truncation unmapped it may be left in the swap cache.
            assertEquals(0, test.kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK), "nr_mlock");
            assertEquals(0, test.kernel.lru().size(cpu, Lru.UNEVICTABLE), "stranded pages");
        }
        assertEquals("", test.kernel.lru().audit(cpu));
        mlocked += test.kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGMLOCKED);
        cleared += test.kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGCLEARED);
        freed += test.kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED);
        test.kernel.files().put(cpu, file);
    }
}
