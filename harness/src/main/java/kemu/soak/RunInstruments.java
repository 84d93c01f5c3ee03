package kemu.soak;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.LatencySink;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.machine.NativeMachine;
import kemu.latency.Latencies;
import kemu.locks.LockStat;
import kemu.locks.LockTimes;
import kemu.locks.LockWitness;
import kemu.timeline.CpuTimeline;

/**
 * What the CPUs of a run tell what they do. Attached before the machine starts; what is not asked for is not loaded.
 */
final class RunInstruments {
    private final Measured asked;
    private final LockStat locks;
    private final CpuTimeline timeline;
    private final List<LockWitness> witnesses = new ArrayList<>();

    /** Attaches what {@code asked} says, and {@code latencies}, to the CPUs of {@code machine}. */
    RunInstruments(Measured asked, NativeMachine machine, Latencies latencies) {
        this.asked = asked;
        locks = asked.locks() ? new LockStat(machine.cpus()) : null;
        timeline = asked.timeline() == null ? null : new CpuTimeline(machine, asked.timelineMillis());
        for (int i = 0; i < machine.cpus(); i++) {
            attach(machine.cpu(i), latencies.sink(i));
        }
    }

    private void attach(NativeCpu cpu, LatencySink latencies) {
        if (asked.latencies()) {
            cpu.attach(latencies);
        }
        if (locks != null || timeline != null) {
            LockWitness witness = new LockWitness(cpu, times(cpu.id()));
            cpu.attach(witness);
            witnesses.add(witness);
        }
        if (timeline != null) {
            timeline.attach(cpu.id(), latencies);
        }
    }

    private LockTimes times(int id) {
        if (timeline == null) {
            return locks.of(id);
        }
        return locks == null ? timeline.locks(id) : LockTimes.both(locks.of(id), timeline.locks(id));
    }

    /** Waits and holds by class of lock; null if they are not measured. */
    LockStat locks() {
        return locks;
    }

    /** The work is done: what the end looks through is no part of the timeline. Any thread. */
    void workIsDone() {
        if (timeline != null) {
            timeline.freeze();
        }
    }

    /** Writes the timeline if it was asked for. Machine at rest; see {@link CpuTimeline#write}. */
    void writeTimeline(String title, String failure, long endNanos) throws IOException {
        if (timeline != null) {
            timeline.write(asked.timeline(), title, failure, witnesses, endNanos);
        }
    }
}
