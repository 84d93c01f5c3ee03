package kemu.workload;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.mm.Kernel;
import kemu.mm.process.Processes;

/**
 * Processes of several threads that make calls, in phases: after each all wait until the conductor has looked at the
 * kernel at rest ({@link RestAudit}), and then until all have looked at what they have in common. After some phases all
 * processes end, and others begin: a round.
 */
final class PhasedRounds {
    /** Processes at most, and threads of each. */
    static final int MOST = 64;
    /** Phases of a round. */
    static final int PHASES = 4;
    /** Calls of a thread in a phase. */
    static final int CALLS = 250;
    /** Calls of a thread in a round. */
    static final long CALLS_OF_ROUND = (long) PHASES * CALLS;

    /**
     * Shape of the rounds.
     *
     * @param processes at a time
     * @param threads of each
     * @param calls of a thread in each place, all rounds together; 0 until stopped
     */
    record Crew(int processes, int threads, long calls) {
        /** Threads of all processes. */
        int tasks() {
            return processes * threads;
        }
    }

    /** What the tasks of one round have in common. Made by the conductor, whose methods may sleep. */
    interface Stage {
        /** False if there was no memory for it. */
        boolean made();

        /** What the first thread of a process does before there are others; false if it cannot go on. */
        boolean enter(Cpu cpu, int process);

        /** Task number {@code task}, by processes. Context: that task. */
        Actor actor(Cpu cpu, int task);

        /** All have agreed and sleep; the next phase begins. */
        void agreed(Cpu cpu);

        /** Context: no process is left. */
        void end(Cpu cpu);
    }

    /** What a thread does. A method that returns false says that the thread cannot go on. */
    interface Actor {
        /** Before the first phase; may be cut short when {@code ends} says so. */
        boolean begin(Cpu cpu, BooleanSupplier ends);

        /** One call. */
        boolean call(Cpu cpu);

        /** Reads what is its own. Others may be making calls still. */
        boolean verify(Cpu cpu);

        /** Reads what all have in common. Nobody is making calls. */
        boolean agree(Cpu cpu);

        /** What it was doing when it could not go on. */
        String doing();
    }

    /** Sets the stage of a round. */
    interface Director {
        /** For round {@code round}, from 1. Context: a task, no process is running; may sleep. */
        Stage stage(Cpu cpu, long round);
    }

    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final Crew crew;
    private final Director director;
    private final int comm;
    private final AtomicInteger running = new AtomicInteger();
    private final LongAdder done = new LongAdder();
    private volatile boolean stopping;
    private volatile boolean lastPhase;
    private volatile int callsOfPhase;
    private volatile String lastToGiveUp;
    private RestAudit audit;
    private PhaseBarrier barrier;
    private long round;
    private long phases;

    PhasedRounds(Kernel kernel, Counts counts, String comm, Crew crew, Director director) {
        this.kernel = kernel;
        this.counts = counts;
        this.crew = crew;
        this.director = director;
        syscalls = new Syscalls(kernel, counts);
        this.comm = Comms.of(kernel.machine()).number(comm);
    }

    /** {@link Workload#round}. */
    boolean round(Cpu cpu) {
        long left = crew.calls() == 0 ? Long.MAX_VALUE : crew.calls() - round * CALLS_OF_ROUND;
        if (stopping || left <= 0) {
            return false;
        }
        round++;
        Stage stage = director.stage(cpu, round);
        barrier = new PhaseBarrier(kernel, cpu, crew.tasks());
        lastPhase = left <= CALLS;
        callsOfPhase = (int) Math.min(CALLS, left);
        audit = new RestAudit(kernel, cpu);
        if (stage.made() && barrier.made()) {
            start(cpu, stage);
            conduct(cpu, stage, left);
            // Ends when every thread has ended; the watchdog sees one that hangs.
            while (running.get() > 0 || kernel.processes().live(cpu) != 0) {
                syscalls.sleep(cpu, 1);
            }
        } else {
            counts.skipped.add(crew.processes());
        }
        stage.end(cpu);
        audit.auditEmpty(cpu, "after round " + round);
        if (barrier.made()) {
            barrier.free(cpu);
        }
        return true;
    }

    private void start(Cpu cpu, Stage stage) {
        for (int i = 0; i < crew.processes(); i++) {
            int process = i;
            running.incrementAndGet();
            int on = (int) ((round + i) % kernel.machine().cpus());
            if (kernel.processes().spawnInit(cpu, own -> process(own, stage, process), comm, 1 + process, on) < 0) {
                running.decrementAndGet();
                counts.skipped.increment();
                for (int thread = 0; thread < crew.threads(); thread++) {
                    barrier.leave(cpu);
                }
            }
        }
    }

    /** The conductor's part of a round. */
    private void conduct(Cpu cpu, Stage stage, long calls) {
        long left = calls;
        // Ends with the last phase, or when all workers have left.
        for (int phase = 1; barrier.awaitWorkers(cpu) != 0; phase++) {
            audit.audit(cpu, "after phase " + phase + " of round " + round);
            barrier.release(cpu);
            barrier.awaitWorkers(cpu);
            stage.agreed(cpu);
            phases++;
            left -= CALLS;
            lastPhase = stopping || phase == PHASES || left <= 0;
            callsOfPhase = (int) Math.min(CALLS, Math.max(0, left));
            barrier.release(cpu);
        }
    }

    // ---- processes and threads -----------------------------------------------------------------------------------

    private void process(Cpu cpu, Stage stage, int process) {
        Entry.exit(cpu);
        long mm = Processes.currentMm(cpu);
        audit.watch(mm);
        boolean entered = stage.enter(cpu, process);
        int first = process * crew.threads();
        int flags = Processes.CLONE_VM | Processes.CLONE_THREAD;
        for (int i = 1; i < crew.threads(); i++) {
            int task = first + i;
            running.incrementAndGet();
            if (!entered || syscalls.fork(cpu, own -> thread(own, stage, task), comm, 1 + process, flags) < 0) {
                running.decrementAndGet();
                barrier.leave(cpu);
            }
        }
        if (entered) {
            work(cpu, stage, first);
        } else {
            counts.killed.increment();
        }
        audit.forget(mm);
        barrier.leave(cpu);
        exit(cpu);
        counts.processes.increment();
        running.decrementAndGet();
    }

    private void thread(Cpu cpu, Stage stage, int task) {
        Entry.exit(cpu);
        work(cpu, stage, task);
        barrier.leave(cpu);
        exit(cpu);
        counts.threads.increment();
        running.decrementAndGet();
    }

    private void exit(Cpu cpu) {
        syscalls.exit(cpu, Processes.killed(cpu) ? Processes.KILLED : 0);
    }

    private void work(Cpu cpu, Stage stage, int task) {
        Actor actor = stage.actor(cpu, task);
        boolean alive = actor.begin(cpu, () -> stopping);
        // Ends with the round's last phase.
        for (boolean more = true; alive && more; more = !lastPhase) {
            int planned = callsOfPhase;
            int call = 0;
            for (; call < planned && alive && !stopping; call++) {
                alive = actor.call(cpu) && !Processes.killed(cpu);
                done.increment();
            }
            counts.notStarted.add(alive && call < planned ? 1 : 0);
            alive = alive && actor.verify(cpu) && meet(cpu);
            alive = alive && actor.agree(cpu) && meet(cpu);
        }
        if (!alive) {
            gaveUp(cpu, "thread " + task, actor.doing());
        }
    }

    private boolean meet(Cpu cpu) {
        barrier.await(cpu);
        return !Processes.killed(cpu);
    }

    /**
     * Forks a child that does {@code life}, which is false if it could not, while its parent does {@code meanwhile};
     * true if there was no memory for a child. False if the parent cannot go on.
     */
    boolean fork(Cpu cpu, int id, Life life, Life meanwhile) {
        int pid = syscalls.fork(cpu, own -> child(own, life), comm, id, 0);
        if (pid < 0) {
            return true;
        }
        boolean alive = meanwhile.live(cpu);
        syscalls.waitFor(cpu, pid);
        return alive;
    }

    /** What a process does for some time; false if it cannot go on. */
    interface Life {
        boolean live(Cpu cpu);
    }

    private void child(Cpu cpu, Life life) {
        Entry.exit(cpu);
        if (!life.live(cpu)) {
            gaveUp(cpu, "a child", "as a child");
        }
        exit(cpu);
        counts.processes.increment();
    }

    private void gaveUp(Cpu cpu, String who, String doing) {
        counts.killed.increment();
        if (!Processes.killed(cpu)) {
            lastToGiveUp = who + " of round " + round + " had no memory to go on: " + doing;
        }
    }

    // ---- what the workload says of itself ------------------------------------------------------------------------

    /** {@link Workload#stop}. */
    void stop() {
        stopping = true;
    }

    /** {@link Workload#progress}. */
    double progress() {
        return crew.calls() == 0 ? -1 : Math.min(1, (double) done.sum() / crew.calls() / crew.tasks());
    }

    /** Phases that have ended. */
    long phases() {
        return phases;
    }

    /** Calls that were made. */
    long calls() {
        return done.sum();
    }

    /** {@link Workload#notes}: who gave up last, and where. */
    List<String> notes() {
        return lastToGiveUp == null ? List.of() : List.of(lastToGiveUp);
    }
}
