package kemu.workload;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.process.Processes;
import kemu.mm.truncate.Truncate;
import kemu.mm.vma.Mlock;

/**
 * The system calls of user programs about locked memory and about files with an end, counted. A file is named by its
 * address_space, of which the workload has a reference. One object for all tasks.
 */
final class MlockCalls {
    private static final int MLOCK = Tags.tag("mlock");
    private static final int MUNLOCK = Tags.tag("munlock");
    private static final int FTRUNCATE = Tags.tag("ftruncate");
    private static final int FALLOCATE = Tags.tag("fallocate");
    private static final int FSYNC = Tags.tag("fsync");
    private static final int PUNCH = Truncate.FALLOC_FL_KEEP_SIZE | Truncate.FALLOC_FL_PUNCH_HOLE;

    private final Kernel kernel;
    private final Counts counts;
    private final LongAdder mlocks = new LongAdder();
    private final LongAdder munlocks = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder truncates = new LongAdder();
    private final LongAdder punches = new LongAdder();
    private final LongAdder fsyncs = new LongAdder();

    MlockCalls(Kernel kernel, Counts counts) {
        this.kernel = kernel;
        this.counts = counts;
    }

    private long enter(Cpu cpu, LongAdder made) {
        counts.syscalls.increment();
        made.increment();
        Entry.enter(cpu);
        return cpu.clock();
    }

    private static int exit(Cpu cpu, int tag, long start, int status) {
        cpu.record(tag, cpu.clock() - start);
        Entry.exit(cpu);
        return status;
    }

    private int exitMlock(Cpu cpu, long start, int status) {
        if (status != 0) {
            refused.increment();
        }
        return exit(cpu, MLOCK, start, status);
    }

    /** setrlimit(RLIMIT_MEMLOCK). Context: before the process has threads. */
    void limit(Cpu cpu, long bytes) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        kernel.mlock().limit(cpu, Processes.currentMm(cpu), bytes);
        Entry.exit(cpu);
    }

    /** mlock: 0 or a negative errno. */
    int mlock(Cpu cpu, long address, long length) {
        long start = enter(cpu, mlocks);
        return exitMlock(cpu, start, kernel.mlock().mlock(cpu, Processes.currentMm(cpu), address, length));
    }

    /** mlockall of what is mapped, and, if {@code future}, of what will be: 0 or a negative errno. */
    int mlockall(Cpu cpu, boolean future) {
        long start = enter(cpu, mlocks);
        int flags = future ? Mlock.MCL_CURRENT | Mlock.MCL_FUTURE : Mlock.MCL_CURRENT;
        return exitMlock(cpu, start, kernel.mlock().mlockall(cpu, Processes.currentMm(cpu), flags));
    }

    /** munlock: 0 or a negative errno. */
    int munlock(Cpu cpu, long address, long length) {
        long start = enter(cpu, munlocks);
        return exit(cpu, MUNLOCK, start, kernel.mlock().munlock(cpu, Processes.currentMm(cpu), address, length));
    }

    /** munlockall: 0. */
    int munlockall(Cpu cpu) {
        long start = enter(cpu, munlocks);
        return exit(cpu, MUNLOCK, start, kernel.mlock().munlockall(cpu, Processes.currentMm(cpu)));
    }

    /** ftruncate: 0 or a negative errno. */
    int ftruncate(Cpu cpu, long file, long size) {
        long start = enter(cpu, truncates);
        return exit(cpu, FTRUNCATE, start, kernel.truncate().ftruncate(cpu, file, size));
    }

    /** fallocate(FALLOC_FL_PUNCH_HOLE): 0 or a negative errno. */
    int punch(Cpu cpu, long file, long offset, long length) {
        long start = enter(cpu, punches);
        return exit(cpu, FALLOCATE, start, kernel.truncate().fallocate(cpu, file, PUNCH, offset, length));
    }

    /** fsync: 0 or a negative errno. */
    int fsync(Cpu cpu, long file) {
        long start = enter(cpu, fsyncs);
        return exit(cpu, FSYNC, start, kernel.writeback().fsync(cpu, file));
    }

    /** shmctl(SHM_LOCK) or SHM_UNLOCK. Context: nobody else does that to this file. */
    void shmctl(Cpu cpu, long file, boolean lock) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        if (lock) {
            kernel.shmLock().lock(cpu, file);
        } else {
            kernel.shmLock().unlock(cpu, file);
        }
        Entry.exit(cpu);
    }

    /** How many calls were made. */
    void describe(BiConsumer<String, Object> out) {
        out.accept("mlocks", mlocks.sum());
        out.accept("mlocks_refused", refused.sum());
        out.accept("munlocks", munlocks.sum());
        out.accept("truncates", truncates.sum());
        out.accept("punches", punches.sum());
        out.accept("fsyncs", fsyncs.sum());
    }
}
