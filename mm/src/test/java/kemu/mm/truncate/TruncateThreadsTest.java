package kemu.mm.truncate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.KernelConfig;
import kemu.mm.fault.Faults;
import kemu.mm.page.VmStatItem;
import kemu.mm.truncate.rules.TruncateRuleSets;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tasks shorten files, make them grow, punch holes, copy pages, fork, move mappings and reclaim, all at once. Each has
 * a file of its own, which it alone writes to and everybody reads, and whose contents it knows; one file is
 * everybody's, where only the oracles hold.
 *
 * <p>A stamp tells its file, its page and a generation. When a truncation or a hole is through, its writer publishes
 * that no stamp of the page up to then may be read any more: whoever looks later, by whatever mapping of the file,
 * finds zero bytes or a newer one.
 */
class TruncateThreadsTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final int PAGES = 6;
    private static final int SWAP_PAGES = 512;
    /** Runs in which a missing step must be noticed. */
    private static final int MOST_SEEDS = 400;
    /** A word that the first contents of a file leave zero. */
    private static final int WORD = 8 * 16;

    private static final long SHARED = 0x6000_0000_0000L;
    private static final long PRIVATE = SHARED + 64 * PAGE;
    private static final long MOVED = SHARED + 128 * PAGE;
    private static final long OTHERS = SHARED + 256 * PAGE;
    private static final long COMMON = SHARED + 1024 * PAGE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int PUNCH = Truncate.FALLOC_FL_KEEP_SIZE | Truncate.FALLOC_FL_PUNCH_HOLE;

    private VmaTestKernel test;
    private long[] files;
    private long[] spaces;
    private long common;
    /** By file and page: no older stamp may be read. */
    private AtomicLongArray floors;

    /** What one task knows of its own file. */
    private final class Owner {
        private final Cpu cpu;
        private final int id;
        private final SplittableRandom random;
        private final long mm;
        private final long[] shared = new long[PAGES];
        private final long[] copies = new long[PAGES];
        private long size = PAGES * PAGE;
        private long privateAt = PRIVATE;
        private int generation;

        Owner(Cpu cpu, int id, SplittableRandom random) {
            this.cpu = cpu;
            this.id = id;
            this.random = random;
            mm = spaces[id];
        }

        private boolean inside(int page) {
            return page * PAGE < size;
        }

        private void step() {
            switch (random.nextInt(12)) {
                case 0, 1 -> resize();
                case 2 -> punch();
                case 3, 4 -> write();
                case 5, 6 -> copy();
                case 7 -> read();
                case 8 -> fork();
                case 9 -> move();
                case 10 -> {
                    if (random.nextBoolean()) {
                        test.reclaim(cpu);
                    } else {
                        assertEquals(0, test.kernel.writeback().fsync(cpu, random.nextBoolean() ? files[id] : common));
                    }
                }
                default -> everybody();
            }
            int page = random.nextInt(PAGES);
            verify(mm, page);
        }

        private void store(long at, long value, boolean mapped) {
            assertEquals(mapped ? 0 : Faults.SIGBUS, test.kernel.userAccess().store64(cpu, mm, at + WORD, value));
        }

        private void holds(long space, long at, long value, boolean mapped) {
            int code = test.kernel.userAccess().load64(cpu, space, at + WORD, value);
            assertEquals(
                    mapped ? 0 : Faults.SIGBUS,
                    code,
                    () -> "file " + id + " at 0x" + Long.toHexString(at) + " holds 0x"
                            + Long.toHexString(test.kernel.userAccess().lastValue(cpu)) + ", not 0x"
                            + Long.toHexString(value));
        }

        private void verify(long space, int page) {
            holds(space, SHARED + page * PAGE, shared[page], inside(page));
            if (copies[page] != 0) {
                holds(space, privateAt + page * PAGE, copies[page], inside(page));
            }
        }

        private long stamp(int page) {
            return (long) id << 48 | (long) page << 32 | ++generation;
        }

        private void write() {
            int page = random.nextInt(PAGES);
            long stamp = stamp(page);
            store(SHARED + page * PAGE, stamp, inside(page));
            if (inside(page)) {
                shared[page] = stamp;
            }
        }

        private void copy() {
            int page = random.nextInt(PAGES);
            long stamp = stamp(page);
            store(privateAt + page * PAGE, stamp, inside(page));
            if (inside(page)) {
                copies[page] = stamp;
            }
        }

        private void resize() {
            long to = random.nextInt(PAGES + 1) * PAGE;
            assertEquals(0, test.kernel.truncate().ftruncate(cpu, files[id], to));
            size = to;
            for (int page = (int) (to / PAGE); page < PAGES; page++) {
                forget(page);
                copies[page] = 0;
            }
        }

        private void punch() {
            int first = random.nextInt(PAGES);
            int count = 1 + random.nextInt(PAGES - first);
            assertEquals(0, test.kernel.truncate().fallocate(cpu, files[id], PUNCH, first * PAGE, count * PAGE));
            for (int page = first; page < first + count; page++) {
                forget(page);
            }
        }

        private void forget(int page) {
            shared[page] = 0;
            floors.set(id * PAGES + page, generation + 1L);
        }

        /** Another task's file, by a mapping of its own. */
        private void read() {
            int of = random.nextInt(files.length);
            int page = random.nextInt(PAGES);
            long at = OTHERS + of * 16 * PAGE + page * PAGE + WORD;
            long floor = floors.get(of * PAGES + page);
            int code = test.kernel.userAccess().load64(cpu, mm, at, 0);
            long value = test.kernel.userAccess().lastValue(cpu);
            assertTrue(code >= 0 || code == Faults.SIGBUS, "load returns " + code);
            if (code == 1) {
                assertEquals((long) of << 16 | page, value >>> 32, "a stamp of another page");
                assertTrue((int) value >= floor, () -> "stale: generation " + (int) value + ", not from " + floor);
            }
        }

        private void fork() {
            long child = test.kernel.mms().dupMm(cpu, mm);
            if (child == Cpu.NULL) {
                return;
            }
            for (int page = 0; page < PAGES; page++) {
                verify(child, page);
            }
            int page = random.nextInt(PAGES);
            // Behind fork's back, as it were: the child's copies go as well.
            if (random.nextBoolean()) {
                resize();
                verify(child, page);
            }
            test.kernel.mms().mmput(cpu, child);
        }

        /** Moves the private mapping, or cuts it in pieces for a while. */
        private void move() {
            if (random.nextBoolean()) {
                long to = privateAt == PRIVATE ? MOVED : PRIVATE;
                long moved = test.kernel.mmap().mremap(cpu, mm, privateAt, PAGES * PAGE, PAGES * PAGE, true, to);
                if (moved == to) {
                    privateAt = to;
                }
            } else {
                long at = privateAt + random.nextInt(PAGES) * PAGE;
                assertEquals(0, test.kernel.mmap().mprotect(cpu, mm, at, PAGE, VmArea.VM_READ));
                verify(mm, random.nextInt(PAGES));
                assertEquals(0, test.kernel.mmap().mprotect(cpu, mm, at, PAGE, RW));
            }
        }

        private void everybody() {
            long at = COMMON + random.nextInt(2 * PAGES) * PAGE;
            switch (random.nextInt(4)) {
                case 0 -> test.kernel.truncate().ftruncate(cpu, common, random.nextInt((int) (PAGES * PAGE)));
                case 1 ->
                    test.kernel
                            .truncate()
                            .fallocate(cpu, common, PUNCH, random.nextInt((int) (3 * PAGE)), 1 + random.nextInt(9999));
                default -> {
                    int code = test.kernel.userAccess().store64(cpu, mm, at + 8, random.nextLong());
                    assertTrue(code == 0 || code == Faults.SIGBUS, "store returns " + code);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "native, 2, 3, 10, 300",
        "native, 4, 6, 10, 200",
        "SC, 2, 2, 60, 30",
        "SC, 3, 4, 60, 30",
        "TSO, 2, 3, 30, 30",
        "WEAK, 3, 3, 30, 30"
    })
    void shouldNeverReadStaleContents(String kind, int cpus, int tasks, int seeds, int steps) {
        for (int seed = 0; seed < Integer.getInteger("kemu.test.seeds", seeds); seed++) {
            try {
                run(kind, cpus, tasks, seed, steps, TruncateRuleSets.CURRENT);
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
    }

    /**
     * Rules whose harm these tasks notice at once. The others open windows of a few instructions, which chance seldom
     * hits: the explorer's scenarios convict them.
     */
    @ParameterizedTest
    @ValueSource(strings = {"punch-even-cows", "reference-late"})
    void shouldNoticeAMissingStep(String rules) {
        int seed = 0;
        boolean noticed = false;
        while (!noticed && seed < MOST_SEEDS) {
            try {
                run("SC", 3, 4, seed++, 60, rules);
            } catch (KernelBug | AssertionError failure) {
                noticed = true;
            }
        }
        assertTrue(noticed, "not noticed in " + seed + " runs");
    }

    private void run(String kind, int cpus, int tasks, int seed, int steps, String rules) {
        KernelConfig built = KernelConfig.of(SWAP_PAGES).withTruncation(rules);
        try (VmaTestKernel booted = kind.equals("native")
                ? VmaTestKernel.boot(kind, cpus, seed)
                : VmaTestKernel.boot(MemoryModel.byName(kind), cpus, seed, built)) {
            test = booted;
            booted.run(
                    (cpu, id) -> setUp(cpu, tasks),
                    tasks,
                    (cpu, id) -> task(cpu, id, new SplittableRandom(seed * 31L + id), steps),
                    (cpu, id) -> tearDown(cpu));
        }
    }

    private void setUp(Cpu cpu, int tasks) {
        files = new long[tasks];
        spaces = new long[tasks];
        floors = new AtomicLongArray(tasks * PAGES);
        common = test.kernel.files().open(cpu, 99, PAGES * PAGE);
        for (int i = 0; i < tasks; i++) {
            files[i] = test.kernel.files().open(cpu, i + 1, PAGES * PAGE);
            spaces[i] = test.kernel.mms().mmAlloc(cpu);
        }
        for (int i = 0; i < tasks; i++) {
            map(cpu, i, SHARED, RW | VmArea.VM_SHARED, files[i]);
            map(cpu, i, PRIVATE, RW, files[i]);
            map(cpu, i, COMMON, RW | VmArea.VM_SHARED, common);
            map(cpu, i, COMMON + PAGES * PAGE, RW, common);
            for (int of = 0; of < tasks; of++) {
                map(cpu, i, OTHERS + of * 16 * PAGE, VmArea.VM_READ | VmArea.VM_SHARED, files[of]);
            }
        }
    }

    private void map(Cpu cpu, int of, long at, long flags, long file) {
        assertEquals(at, test.kernel.mmap().mmap(cpu, spaces[of], at, PAGES * PAGE, flags, true, file, 0));
    }

    private void task(Cpu cpu, int id, SplittableRandom random, int steps) {
        Task.MM.set(cpu, Sched.current(cpu), spaces[id]);
        Owner owner = new Owner(cpu, id, random);
        for (int i = 0; i < steps; i++) {
            owner.step();
            Sched.of(test.machine).condResched(cpu);
        }
        for (int page = 0; page < PAGES; page++) {
            owner.verify(spaces[id], page);
        }
        Task.MM.set(cpu, Sched.current(cpu), 0);
    }

    /** All truncations are over: nothing is mapped beyond an end, and what is left adds up. */
    private void tearDown(Cpu cpu) {
        for (int i = 0; i < files.length; i++) {
            test.audit(cpu, spaces[i], "at the end");
            test.kernel.mms().mmput(cpu, spaces[i]);
        }
        for (long file : files) {
            assertEquals(0, test.kernel.truncate().ftruncate(cpu, file, 0));
            test.kernel.files().put(cpu, file);
        }
        assertEquals(0, test.kernel.truncate().ftruncate(cpu, common, 0));
        test.kernel.files().put(cpu, common);
        assertEquals(0, test.kernel.pageCache().diskBlocks(cpu));
        assertEquals(0, test.kernel.vmStat().sum(cpu, VmStatItem.NR_DIRTY));
        assertEquals(0, test.kernel.vmStat().sum(cpu, VmStatItem.NR_MAPPED));
    }
}
