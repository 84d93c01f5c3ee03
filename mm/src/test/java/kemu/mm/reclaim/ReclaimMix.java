package kemu.mm.reclaim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Entry;
import kemu.kernel.task.TaskBody;
import kemu.mm.file.PageCache;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;

/**
 * Random processes on a machine too small for them: they write private memory, private and shared file mappings, unmap,
 * map again, discard, fork, wait and exit, each checking what it reads against its own model.
 */
final class ReclaimMix {
    private static final int PAGE = ReclaimLab.PAGE;
    private static final long ANON = ReclaimLab.BASE;
    private static final long PRIVATE_FILE = ANON + (1L << 32);
    private static final long SHARED_FILE = ANON + (2L << 32);
    private static final long KEY = 4711;

    private final int anonPages;
    private final int filePages;
    private final int steps;
    private final AtomicLong nextId = new AtomicLong();

    ReclaimMix(int anonPages, int filePages, int steps) {
        this.anonPages = anonPages;
        this.filePages = filePages;
        this.steps = steps;
    }

    /** What one process believes to be in its memory. */
    private final class Model {
        private final ReclaimLab lab;
        private final SplittableRandom random;
        private final long[] anon;
        private final long[] file;
        private final long id = nextId.incrementAndGet();
        private final List<Integer> children = new ArrayList<>();
        private final int depth;
        private int stamps;

        Model(ReclaimLab lab, SplittableRandom random, long[] anon, long[] file, int depth) {
            this.lab = lab;
            this.random = random;
            this.anon = anon;
            this.file = file;
            this.depth = depth;
        }

        private long stamp() {
            return id << 32 | ++stamps;
        }

        private void run(Cpu cpu) {
            int todo = depth == 0 ? steps : steps / 3;
            for (int i = 0; i < todo && step(cpu); i++) {
                assertTrue(i < todo);
            }
            while (!children.isEmpty() && !Processes.killed(cpu)) {
                reap(cpu);
            }
        }

        /** False if the process was killed. */
        private boolean step(Cpu cpu) {
            int page = random.nextInt(anonPages);
            int filePage = random.nextInt(filePages);
            switch (random.nextInt(20)) {
                case 0:
                    if (depth < 2 && children.size() < 2) {
                        fork(cpu);
                    }
                    break;
                case 1:
                    discard(cpu, page);
                    break;
                case 2, 3, 4:
                    return touchFile(cpu, filePage);
                case 5, 6:
                    return touchShared(cpu, filePage);
                default:
                    return touchRun(cpu, page);
            }
            return !Processes.killed(cpu);
        }

        /** A run of pages, so that memory gets short quickly. */
        private boolean touchRun(Cpu cpu, int first) {
            boolean write = random.nextInt(3) != 0;
            for (int page = first; page < Math.min(anonPages, first + 12); page++) {
                long address = ANON + (long) page * PAGE;
                if (!lab.expect(cpu, address, anon[page])) {
                    return false;
                }
                if (write) {
                    long stamp = stamp();
                    if (!lab.store(cpu, address, stamp)) {
                        return false;
                    }
                    anon[page] = stamp;
                }
            }
            return true;
        }

        private boolean touchFile(Cpu cpu, int page) {
            long address = PRIVATE_FILE + (long) page * PAGE;
            if (!lab.expect(cpu, address, PageCache.contentsOf(KEY, page, 0))
                    || !lab.expect(cpu, address + 64, file[page])) {
                return false;
            }
            if (random.nextInt(3) == 0) {
                long stamp = stamp();
                if (!lab.store(cpu, address + 64, stamp)) {
                    return false;
                }
                file[page] = stamp;
            }
            return true;
        }

        /** Every process writes the same value into a shared page, so whoever reads finds it or the first contents. */
        private boolean touchShared(Cpu cpu, int page) {
            long address = SHARED_FILE + (long) page * PAGE;
            return lab.store(cpu, address + 128, page + 1) && lab.expect(cpu, address + 128, page + 1);
        }

        private void discard(Cpu cpu, int page) {
            int count = Math.min(anonPages - page, 1 + random.nextInt(40));
            long address = ANON + (long) page * PAGE;
            boolean advise = random.nextBoolean();
            Entry.enter(cpu);
            long mm = Processes.currentMm(cpu);
            int code = advise
                    ? lab.kernel.mmap().madviseDontneed(cpu, mm, address, (long) count * PAGE)
                    : lab.kernel.mmap().munmap(cpu, mm, address, (long) count * PAGE);
            Entry.exit(cpu);
            assertTrue(code == 0 || Processes.killed(cpu), "unmap: " + code);
            if (!advise) {
                lab.mapAnon(cpu, address, count);
            }
            for (int i = page; i < page + count; i++) {
                anon[i] = 0;
            }
        }

        private void fork(Cpu cpu) {
            Model child = new Model(lab, random.split(), anon.clone(), file.clone(), depth + 1);
            Entry.enter(cpu);
            int pid = lab.kernel.processes().fork(cpu, task -> lab.live(task, child::run), 0, 1, 0);
            Entry.exit(cpu);
            if (pid > 0) {
                children.add(pid);
                if (random.nextBoolean()) {
                    reap(cpu);
                }
            }
        }

        private void reap(Cpu cpu) {
            Entry.enter(cpu);
            lab.kernel.processes().waitFor(cpu, children.remove(children.size() - 1));
            Entry.exit(cpu);
        }
    }

    private TaskBody process(ReclaimLab lab, SplittableRandom random) {
        return cpu -> {
            lab.mapAnon(cpu, ANON, anonPages);
            lab.map(cpu, PRIVATE_FILE, filePages, VmArea.VM_READ | VmArea.VM_WRITE, KEY);
            lab.map(cpu, SHARED_FILE, filePages, VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_SHARED, KEY + 1);
            new Model(lab, random, new long[anonPages], new long[filePages], 0).run(cpu);
        };
    }

    /** Runs {@code processes} of them to the end; pages swapped out and victims of the OOM killer. */
    long[] run(String kind, long memory, int cpus, long seed, int swapPages, int processes, MemoryModel model) {
        try (ReclaimLab lab = new ReclaimLab(kind, memory, cpus, seed, swapPages, model)) {
            TaskBody[] bodies = new TaskBody[processes];
            for (int i = 0; i < processes; i++) {
                bodies[i] = process(lab, new SplittableRandom(seed * 100 + i));
            }
            lab.run(bodies);
            Cpu boot = lab.machine.bootCpu();
            assertEquals("", lab.kernel.lru().audit(boot));
            assertEquals("", lab.kernel.pages().audit().auditFree(boot));
            return new long[] {lab.stat(boot, VmStatItem.PSWPOUT), lab.stat(boot, VmStatItem.OOM_KILL)};
        } catch (RuntimeException | Error failure) {
            throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
        }
    }
}
