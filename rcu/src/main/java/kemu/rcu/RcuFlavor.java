package kemu.rcu;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;

/**
 * What a flavour of RCU provides. Implementations are final, keep all run-time state in emulated memory and allocate
 * nothing after boot. The promises are those of {@link Rcu}.
 */
public interface RcuFlavor {
    /** Makes a flavour. */
    @FunctionalInterface
    interface Factory {
        /** The flavour behind {@code rcu}, which knows its options already. Boot only, once a machine. */
        RcuFlavor boot(Machine machine, Rcu rcu);
    }

    /** The kernel's name of the flavour, such as {@code rcu_sched}. */
    String name();

    /** Begins a reader on this CPU. Nests. */
    void readLock(Cpu cpu);

    /** Ends the innermost reader. */
    void readUnlock(Cpu cpu);

    /** Queues {@code head}, whose function is already set, on this CPU. */
    void callRcu(Cpu cpu, @Ref(RcuHead.class) long head);

    /** Waits for a grace period. */
    void synchronizeRcu(Cpu cpu);

    /** Waits for all callbacks queued so far on all CPUs. */
    void rcuBarrier(Cpu cpu);

    /** The body of the thread that runs grace periods; returns only when the machine halts. */
    void runGracePeriods(Cpu cpu);

    /** Reports a quiescent state of this CPU and invokes its callbacks that are ready, without waiting for a tick. */
    void advance(Cpu cpu);

    /** Grace periods completed. */
    long gracePeriods(Cpu cpu);

    /** Ticks since the running grace period began, 0 if none is running. Racy. */
    long gracePeriodAge(Cpu cpu);

    /** Callbacks queued on all CPUs since boot. Racy. */
    long callbacksQueued(Cpu cpu);

    /** Callbacks invoked on all CPUs since boot. Racy. */
    long callbacksInvoked(Cpu cpu);

    /** Stalls reported. */
    long stalls(Cpu cpu);
}
