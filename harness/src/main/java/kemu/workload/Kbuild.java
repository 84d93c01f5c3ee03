package kemu.workload;

import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.mm.Kernel;
import kemu.trace.model.Trace;

/**
 * Replays a recorded kernel build, {@code copies} builds at once, round after round. Order is causal, not timed: it
 * holds within a process and along fork, exec, vfork, wait and exit; everything else may happen in any order.
 */
public final class Kbuild implements Workload {
    private final Kernel kernel;
    private final Counts counts;
    private final Syscalls syscalls;
    private final KbuildSetup setup;
    private final UserMemories memories = new UserMemories();
    private final int copies;
    private final long repeat;
    private volatile KbuildReplay[] running = new KbuildReplay[0];
    private volatile boolean stopping;
    private volatile long roundsDone;
    private volatile long builds;
    private long nextId = 1;

    /**
     * Replays {@code trace}; {@code repeat} 0 means until stopped.
     *
     * @param vforkCopies whether vfork and posix_spawn copy the address space, as in builds whose tools know only fork
     */
    public Kbuild(
            Kernel kernel,
            Counts counts,
            Trace trace,
            int copies,
            long repeat,
            boolean recordedPace,
            boolean vforkCopies) {
        this.kernel = kernel;
        this.counts = counts;
        this.syscalls = new Syscalls(kernel, counts);
        this.setup = KbuildSetup.of(trace, Comms.of(kernel.machine()), recordedPace, vforkCopies);
        this.copies = copies;
        this.repeat = repeat;
    }

    @Override
    public boolean round(Cpu cpu) {
        if (stopping || (repeat != 0 && roundsDone >= repeat)) {
            return false;
        }
        KbuildReplay[] replays = new KbuildReplay[copies];
        for (int i = 0; i < copies; i++) {
            replays[i] = new KbuildReplay(setup, kernel, syscalls, counts, memories, nextId);
            nextId += setup.trace().procCount();
        }
        running = replays;
        for (KbuildReplay replay : replays) {
            replay.start(cpu);
        }
        for (KbuildReplay replay : replays) {
            awaitEnd(cpu, replay);
            builds += replay.isWhole() ? 1 : 0;
        }
        roundsDone++;
        return true;
    }

    private void awaitEnd(Cpu cpu, KbuildReplay replay) {
        // Ends when every recorded process has ended; the watchdog sees a build that hangs.
        while (replay.unfinished() > 0) {
            if (stopping) {
                replay.stop();
            }
            syscalls.sleep(cpu, 1);
        }
    }

    /** Makes the running builds stop early: every process exits at its next step. Any thread. */
    @Override
    public void stop() {
        stopping = true;
    }

    @Override
    public double progress() {
        if (repeat == 0) {
            return -1;
        }
        long total = repeat * copies * setup.trace().procCount();
        long left = 0;
        for (KbuildReplay replay : running) {
            left += replay.unfinished();
        }
        long begun = Math.min(repeat, roundsDone + (left > 0 ? 1 : 0))
                * copies
                * setup.trace().procCount();
        return total == 0 ? 1 : (double) (begun - left) / total;
    }

    @Override
    public java.util.List<String> notes() {
        return setup.trace().notes().counts().entrySet().stream()
                .sorted(java.util.Map.Entry.comparingByKey())
                .map(note -> "trace: " + note.getKey() + ": " + note.getValue())
                .toList();
    }

    /** Builds so far of which every process ran to its end, all copies counted. */
    public long builds() {
        return builds;
    }

    /** Faults that the trace plans for what has been completed. */
    public long plannedFaults() {
        return setup.trace().plannedFaults() * builds();
    }

    @Override
    public String nothingDone() {
        return counts.processes.sum() == 0 ? "no process of the build has ended" : "";
    }

    @Override
    public void describe(java.util.function.BiConsumer<String, Object> out) {
        out.accept("trace", setup.trace().source());
        out.accept("copies", copies);
        out.accept("vfork", setup.vforkCopies() ? "copy" : "share");
        out.accept("builds", builds());
        out.accept("faults_planned", plannedFaults());
    }
}
