package kemu.workload;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.kernel.context.Task;
import kemu.kernel.task.Entry;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.process.ExecImage;
import kemu.mm.process.Processes;

/** The system calls of user programs: the border into the kernel, and its latencies. One object for all tasks. */
public final class Syscalls {
    private static final int MMAP = Tags.tag("mmap");
    private static final int MUNMAP = Tags.tag("munmap");
    private static final int MPROTECT = Tags.tag("mprotect");
    private static final int BRK = Tags.tag("brk");
    private static final int MREMAP = Tags.tag("mremap");

    private final Kernel kernel;
    private final Counts counts;

    /** Calls into {@code kernel}, counted in {@code counts}. */
    public Syscalls(Kernel kernel, Counts counts) {
        this.kernel = kernel;
        this.counts = counts;
    }

    private long enter(Cpu cpu) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        return cpu.clock();
    }

    private static void exit(Cpu cpu, int tag, long start) {
        cpu.record(tag, cpu.clock() - start);
        Entry.exit(cpu);
    }

    /** mmap of file {@code fileKey} (0: anonymous). The address, or a negative errno. */
    public long mmap(Cpu cpu, long address, long length, long flags, boolean fixed, long fileKey, long pageOffset) {
        long start = enter(cpu);
        long file = fileKey == 0 ? Cpu.NULL : kernel.files().open(cpu, fileKey);
        long mapped =
                kernel.mmap().mmap(cpu, Processes.currentMm(cpu), address, length, flags, fixed, file, pageOffset);
        if (file != Cpu.NULL) {
            kernel.files().put(cpu, file);
        }
        exit(cpu, MMAP, start);
        return mapped;
    }

    /** munmap. */
    public int munmap(Cpu cpu, long address, long length) {
        long start = enter(cpu);
        int status = kernel.mmap().munmap(cpu, Processes.currentMm(cpu), address, length);
        exit(cpu, MUNMAP, start);
        return status;
    }

    /** mprotect to VM_ bits. */
    public int mprotect(Cpu cpu, long address, long length, long flags) {
        long start = enter(cpu);
        int status = kernel.mmap().mprotect(cpu, Processes.currentMm(cpu), address, length, flags);
        exit(cpu, MPROTECT, start);
        return status;
    }

    /** mremap to {@code target} if it moves. */
    public long mremap(Cpu cpu, long address, long oldLength, long newLength, long target) {
        long start = enter(cpu);
        long moved = kernel.mmap().mremap(cpu, Processes.currentMm(cpu), address, oldLength, newLength, true, target);
        exit(cpu, MREMAP, start);
        return moved;
    }

    /** brk; {@code end} 0 asks. */
    public long brk(Cpu cpu, long end) {
        long start = enter(cpu);
        long now = kernel.mmap().brk(cpu, Processes.currentMm(cpu), end);
        exit(cpu, BRK, start);
        return now;
    }

    /** madvise(MADV_DONTNEED). */
    public int madviseDontneed(Cpu cpu, long address, long length) {
        Entry.enter(cpu);
        counts.syscalls.increment();
        int status = kernel.mmap().madviseDontneed(cpu, Processes.currentMm(cpu), address, length);
        Entry.exit(cpu);
        return status;
    }

    /** madvise(MADV_COLLAPSE). */
    public int madviseCollapse(Cpu cpu, long address, long length) {
        Entry.enter(cpu);
        counts.syscalls.increment();
        int status = kernel.mmap().madviseCollapse(cpu, Processes.currentMm(cpu), address, length);
        Entry.exit(cpu);
        return status;
    }

    /** madvise(MADV_MERGEABLE) or madvise(MADV_UNMERGEABLE). */
    public int madviseMergeable(Cpu cpu, long address, long length, boolean mergeable) {
        Entry.enter(cpu);
        counts.syscalls.increment();
        int status = kernel.mmap().madviseMergeable(cpu, Processes.currentMm(cpu), address, length, mergeable);
        Entry.exit(cpu);
        return status;
    }

    /** Has the kernel reclaim some pages, of whomever (a write to memory.reclaim, Linux 5.19). How many, about. */
    public long reclaim(Cpu cpu) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        long task = Sched.current(cpu);
        // As for an allocation: what reclaim itself allocates does not reclaim again.
        Task.FLAGS.setBits(cpu, task, Task.PF_MEMALLOC);
        long reclaimed = kernel.vmscan().directReclaim(cpu, Gfp.KERNEL, 0);
        Task.FLAGS.clearBits(cpu, task, Task.PF_MEMALLOC);
        Entry.exit(cpu);
        return reclaimed;
    }

    /** fork, vfork or clone with CLONE_ flags of {@link Processes}; the child's pid or a negative errno. */
    public int fork(Cpu cpu, TaskBody body, int comm, long hostId, int flags) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        int pid = kernel.processes().fork(cpu, body, comm, hostId, flags);
        Entry.exit(cpu);
        (pid > 0 ? counts.forks : counts.forkFailures).increment();
        return pid;
    }

    /** execve that works. */
    public int exec(Cpu cpu, ExecImage image) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        int status = kernel.processes().exec(cpu, image);
        Entry.exit(cpu);
        if (status == 0) {
            counts.execs.increment();
        }
        return status;
    }

    /** execve of a file that does not exist. */
    public void execMissing(Cpu cpu) {
        counts.syscalls.increment();
        counts.execFailures.increment();
        Entry.enter(cpu);
        Entry.exit(cpu);
    }

    /** A call that only crosses the border: recorded as failed, or without effect here. */
    public void nothing(Cpu cpu) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        Entry.exit(cpu);
    }

    /** wait4 for one child. */
    public int waitFor(Cpu cpu, int pid) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        int reaped = kernel.processes().waitFor(cpu, pid);
        Entry.exit(cpu);
        return reaped;
    }

    /** Sleeps for {@code jiffies} ticks. */
    public void sleep(Cpu cpu, long jiffies) {
        Entry.enter(cpu);
        Sched.setState(cpu, Task.INTERRUPTIBLE);
        Sched.of(cpu).scheduleTimeout(cpu, jiffies);
        Entry.exit(cpu);
    }

    /** exit_group: the task's body returns right after this. */
    public void exit(Cpu cpu, int code) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        kernel.processes().exit(cpu, code);
    }
}
