package kemu.rcu.tree;

import kemu.hw.cpu.Cpu;
import kemu.kernel.context.Preempt;
import kemu.kernel.task.Completion;
import kemu.kernel.task.Mutex;
import kemu.kernel.task.Sched;
import kemu.rcu.Rcu;

/**
 * rcu_barrier: puts a callback behind the last one of every CPU that has any, by a call on that CPU, and waits until
 * all of them have run. Source: Linux 6.1 kernel/rcu/tree.c, rcu_barrier().
 */
final class Barrier {
    private final RcuTree tree;
    private final Rcu rcu;
    private final int callback;
    private final int call;

    Barrier(RcuTree tree, Rcu rcu) {
        this.tree = tree;
        this.rcu = rcu;
        this.callback = rcu.registerCallback("rcu_barrier_callback", this::passed);
        this.call = Sched.of(tree.machine()).crossCalls().register(this::entrain);
    }

    /** Waits for all callbacks queued so far. Context: may sleep. */
    void await(Cpu cpu) {
        long state = tree.state();
        Mutex.lock(cpu, RcuState.BARRIER_MUTEX.of(state));
        // One for this function, so that the count does not reach zero before all CPUs are asked.
        RcuState.BARRIER_CPU_COUNT.writeOnce(cpu, state, 1);
        cpu.smpMb(RcuBarriers.BARRIER_SCAN);
        long mask = 0;
        for (int i = 0; i < tree.machine().cpus(); i++) {
            if (RcuData.LEN.acquire(cpu, tree.dataOf(i)) != 0) {
                mask |= 1L << i;
            }
        }
        Sched.of(tree.machine()).crossCalls().callMany(cpu, mask, call, 0);
        if ((mask & 1L << cpu.id()) != 0) {
            Preempt.irqDisable(cpu);
            entrain(cpu, 0);
            Preempt.irqEnable(cpu);
        }
        drop(cpu);
        Completion.await(cpu, RcuState.BARRIER_COMPLETION.of(state));
        Mutex.unlock(cpu, RcuState.BARRIER_MUTEX.of(state));
    }

    /** Queues this CPU's barrier callback. Context: own CPU, interrupts disabled. */
    private void entrain(Cpu cpu, long unused) {
        long data = tree.data(cpu);
        long length = RcuData.LEN.get(cpu, data);
        if (length == 0) {
            return;
        }
        RcuState.BARRIER_CPU_COUNT.add(cpu, tree.state(), 1);
        rcu.setFunction(cpu, tree.barrierHead(cpu), callback);
        SegCbList.entrain(cpu, RcuData.CBLIST.of(data), tree.barrierHead(cpu));
        RcuData.LEN.writeOnce(cpu, data, length + 1);
        Callbacks.startIfNeeded(cpu, tree);
    }

    private void passed(Cpu cpu, long head) {
        drop(cpu);
    }

    private void drop(Cpu cpu) {
        if (RcuState.BARRIER_CPU_COUNT.addReturn(cpu, tree.state(), -1) == 0) {
            Completion.complete(cpu, RcuState.BARRIER_COMPLETION.of(tree.state()));
        }
    }
}
