package kemu.soak;

import kemu.hw.cpu.NativeCpu;
import kemu.hw.machine.NativeMachine;
import kemu.latency.Latencies;
import kemu.locks.LockStat;
import kemu.locks.LockWitness;

/** What the CPUs of a run tell what they do. Attached before the machine starts; what is not asked for is not loaded. */
final class RunInstruments {
    private final LockStat locks;

    /** Attaches what {@code asked} says, and {@code latencies}, to the CPUs of {@code machine}. */
    RunInstruments(Measured asked, NativeMachine machine, Latencies latencies) {
        locks = asked.locks() ? new LockStat(machine.cpus()) : null;
        for (int i = 0; i < machine.cpus(); i++) {
            NativeCpu cpu = machine.cpu(i);
            cpu.attach(latencies.sink(i));
            if (locks != null) {
                cpu.attach(new LockWitness(cpu, locks.of(i)));
            }
        }
    }

    /** Waits and holds by class of lock; null if they are not measured. */
    LockStat locks() {
        return locks;
    }
}
