package kemu.workload;

import java.util.concurrent.atomic.AtomicInteger;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;

/**
 * A parent with {@code vmas} anonymous mappings of {@code pages} pages each, all touched, forks a child that writes
 * {@code touch} pages of each mapping and exits; the parent waits and forks again. {@code jobs} parents run at once.
 */
public final class ForkStorm implements Workload {
    private static final long BASE = 0x7f00_0000_0000L;
    /** Pages between the first mapping and the end of user space, some left for what else a process has there. */
    public static final long MOST_PAGES = (1L << 28) - (1L << 20);

    /** Forks between two returns to the conductor. */
    private static final int FORKS_PER_ROUND = 2_000;

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final Shape shape;
    private final long processes;
    private final int comm;
    private final AtomicInteger parents = new AtomicInteger();
    private volatile boolean stopping;
    private volatile long forksStarted;
    private long nextId = 1;

    /**
     * Shape of the storm.
     *
     * @param vmas mappings of the parent
     * @param pages pages per mapping
     * @param touch pages per mapping that the child writes
     * @param jobs parents at once
     */
    public record Shape(int vmas, int pages, int touch, int jobs) {}

    /** A storm of {@code shape}; {@code processes} children in all, 0 means until stopped. */
    public ForkStorm(Kernel kernel, Counts counts, Shape shape, long processes) {
        this.kernel = kernel;
        this.counts = counts;
        this.syscalls = new Syscalls(kernel, counts);
        this.shape = shape;
        this.processes = processes;
        this.comm = Comms.of(kernel.machine()).number("forkstorm");
    }

    @Override
    public boolean round(Cpu cpu) {
        if (stopping || (processes != 0 && forksStarted >= processes)) {
            return false;
        }
        long left = processes == 0 ? Long.MAX_VALUE : processes - forksStarted;
        parents.set(shape.jobs());
        for (int i = 0; i < shape.jobs(); i++) {
            int share = (int) Math.min(
                    FORKS_PER_ROUND, Math.max(0, left / shape.jobs() + (i < left % shape.jobs() ? 1 : 0)));
            forksStarted += share;
            long id = nextId;
            nextId += share + 1L;
            int pid = kernel.processes()
                    .spawnInit(
                            cpu,
                            task -> parent(task, id, share),
                            comm,
                            id,
                            i % kernel.machine().cpus());
            if (pid < 0) {
                parents.decrementAndGet();
                lost(share);
            }
        }
        // Ends when every parent has made its share; the watchdog sees a storm that hangs.
        while (parents.get() > 0) {
            syscalls.sleep(cpu, 1);
        }
        return true;
    }

    /** Pages that {@code vmas} mappings of {@code pages} pages take in the address space. */
    public static long pagesMapped(int vmas, int pages) {
        return vmas * (pages + 1L);
    }

    private long vma(int i) {
        // A page is left out between mappings, so that they do not merge.
        return BASE + (long) i * (shape.pages() + 1) * UserProgram.pageSize();
    }

    private void parent(Cpu cpu, long id, int children) {
        Entry.exit(cpu);
        UserProgram user = new UserProgram(kernel, counts, id, new StampTable());
        boolean alive = true;
        for (int i = 0; i < shape.vmas() && alive; i++) {
            long length = (long) shape.pages() * UserProgram.pageSize();
            alive = syscalls.mmap(cpu, vma(i), length, VmArea.VM_READ | VmArea.VM_WRITE, true, 0, 0) == vma(i);
            for (int page = 0; page < shape.pages() && alive; page++) {
                counts.touches.increment();
                alive = user.write(cpu, vma(i) + (long) page * UserProgram.pageSize(), true);
            }
        }
        Child child = new Child(user);
        int forked = 0;
        while (forked < children && alive && !stopping) {
            boolean born = forkAndWait(cpu, child, id + 1 + forked);
            forked += born ? 1 : 0;
            alive = born && !Processes.killed(cpu);
        }
        lost(children - forked);
        for (int i = 0; i < shape.vmas() && alive; i++) {
            for (int page = 0; page < shape.pages() && alive; page++) {
                alive = user.verify(cpu, vma(i) + (long) page * UserProgram.pageSize());
            }
        }
        finish(cpu);
        parents.decrementAndGet();
    }

    /** Children that a parent was to fork and did not. */
    private void lost(int children) {
        (stopping ? counts.notStarted : counts.skipped).add(children);
    }

    private boolean forkAndWait(Cpu cpu, Child child, long childId) {
        child.user.restart(childId);
        int pid = syscalls.fork(cpu, child, comm, childId, 0);
        if (pid > 0) {
            syscalls.waitFor(cpu, pid);
        }
        return pid > 0;
    }

    /**
     * All children of a parent, one after the other. It waits meanwhile, so its stamps can be read without a copy; a
     * child keeps none of its own.
     */
    private final class Child implements TaskBody {
        private final UserProgram user;

        Child(UserProgram parent) {
            user = new UserProgram(kernel, counts, 0, parent.stamps());
        }

        @Override
        public void run(Cpu cpu) {
            Entry.exit(cpu);
            boolean alive = true;
            for (int i = 0; i < shape.vmas() && alive; i++) {
                for (int page = 0; page < shape.touch() && alive; page++) {
                    counts.touches.increment();
                    long address = vma(i) + (long) page * UserProgram.pageSize();
                    // The word beside the stamp: the parent's stamp must have come along with the copy.
                    alive = user.write(cpu, address, false) && user.verify(cpu, address);
                }
            }
            finish(cpu);
        }
    }

    private void finish(Cpu cpu) {
        boolean killed = Processes.killed(cpu);
        if (killed) {
            counts.killed.increment();
        }
        syscalls.exit(cpu, killed ? Processes.KILLED : 0);
        counts.processes.increment();
    }

    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public double progress() {
        return processes == 0 ? -1 : Math.min(1, (double) counts.processes.sum() / processes);
    }

    @Override
    public String nothingDone() {
        return counts.forks.sum() == 0 ? "no child was forked" : "";
    }

    @Override
    public void describe(java.util.function.BiConsumer<String, Object> out) {
        out.accept("vmas", shape.vmas());
        out.accept("pages", shape.pages());
        out.accept("touch", shape.touch());
        out.accept("jobs", shape.jobs());
    }
}
