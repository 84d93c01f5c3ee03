package kemu.workload;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.process.ExecImage;
import kemu.mm.process.Processes;
import kemu.trace.model.Op;
import kemu.trace.model.Trace;

/** One replay of a trace: which kernel process each recorded one is, and how many have ended. */
final class KbuildReplay {
    private static final int NOT_RUN = 0;
    private static final int ENDED = -1;

    private final Kernel kernel;
    private final Trace trace;
    private final Syscalls syscalls;
    private final Counts counts;
    private final ExecImage[] images;
    private final int[] comms;
    private final boolean recordedPace;
    private final boolean vforkCopies;
    private final UserMemories memories;
    private final long firstId;
    private final AtomicIntegerArray pids;
    private final AtomicInteger unfinished;
    private volatile boolean stopping;
    private volatile boolean cut;

    KbuildReplay(
            KbuildSetup setup, Kernel kernel, Syscalls syscalls, Counts counts, UserMemories memories, long firstId) {
        this.kernel = kernel;
        this.trace = setup.trace();
        this.syscalls = syscalls;
        this.counts = counts;
        this.images = setup.images();
        this.comms = setup.comms();
        this.recordedPace = setup.recordedPace();
        this.vforkCopies = setup.vforkCopies();
        this.memories = memories;
        this.firstId = firstId;
        this.pids = new AtomicIntegerArray(trace.procCount());
        this.unfinished = new AtomicInteger(trace.procCount());
    }

    Kernel kernel() {
        return kernel;
    }

    Trace trace() {
        return trace;
    }

    Syscalls syscalls() {
        return syscalls;
    }

    Counts counts() {
        return counts;
    }

    UserMemories memories() {
        return memories;
    }

    ExecImage image(long index) {
        return images[(int) index];
    }

    int comm(int proc) {
        return comms[proc];
    }

    boolean recordedPace() {
        return recordedPace;
    }

    boolean vforkCopies() {
        return vforkCopies;
    }

    boolean stopping() {
        return stopping;
    }

    /** Asks every process to exit at its next step. */
    void stop() {
        stopping = true;
    }

    /** A process of this build ends before its program does. */
    void cutShort() {
        cut = true;
    }

    /** True if every process ran its program to the end. Once all have ended. */
    boolean isWhole() {
        return !cut;
    }

    /** Recorded tasks that have not ended; 0 when the build is over. */
    int unfinished() {
        return unfinished.get();
    }

    /** Starts the roots. */
    void start(Cpu cpu) {
        for (int i = 0; i < trace.rootCount(); i++) {
            int root = trace.root(i);
            ReplayTask task = new ReplayTask(this, root, idOf(root), memories.take(), 0, false);
            int pid = kernel.processes()
                    .spawnInit(
                            cpu,
                            task,
                            comms[root],
                            idOf(root),
                            Sched.of(kernel.machine()).leastLoaded(cpu));
            if (pid < 0) {
                abandon(root);
            }
        }
    }

    long idOf(int proc) {
        return firstId + proc;
    }

    void born(int proc, int pid) {
        pids.compareAndSet(proc, NOT_RUN, pid);
    }

    /** Pid of a recorded process that was forked, 0 if it never was. */
    int pidOf(int proc) {
        return pids.get(proc);
    }

    void ended(int proc, boolean thread) {
        (thread ? counts.threads : counts.processes).increment();
        if (thread) {
            pids.set(proc, ENDED);
        }
        unfinished.decrementAndGet();
    }

    boolean hasEnded(int proc) {
        return pids.get(proc) == ENDED;
    }

    /** Counts a process that will never run, and all its descendants. */
    void abandon(int proc) {
        cutShort();
        (stopping ? counts.notStarted : counts.skipped).increment();
        pids.set(proc, ENDED);
        abandonChildren(proc, 0);
        unfinished.decrementAndGet();
    }

    /** Abandons all that {@code proc} would have made from step {@code from} on. */
    void abandonChildren(int proc, int from) {
        var program = trace.proc(proc).program();
        for (int i = from; i < program.size(); i++) {
            if (Op.creates(program.op(i))) {
                abandon((int) program.a(i));
            }
        }
    }

    static int cloneFlags(byte op) {
        return switch (op) {
            case Op.FORK -> 0;
            case Op.VFORK, Op.SPAWN -> Processes.CLONE_VM | Processes.CLONE_VFORK;
            case Op.THREAD -> Processes.CLONE_VM | Processes.CLONE_THREAD;
            default -> throw new IllegalArgumentException("not a clone: " + Op.name(op));
        };
    }
}
