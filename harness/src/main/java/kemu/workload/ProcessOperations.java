package kemu.workload;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Entry;
import kemu.mm.process.Processes;

/** Operations that make processes and threads. What they make has ended when they have. */
final class ProcessOperations {
    static final List<StormOperation> ALL = List.of(
            new StormOperation("fork", 2, true, ProcessOperations::fork),
            new StormOperation("family", 1, true, ProcessOperations::family),
            new StormOperation("exec", 1, true, ProcessOperations::exec),
            new StormOperation("vfork", 1, true, ProcessOperations::vfork),
            new StormOperation("clone", 1, false, ProcessOperations::thread));

    /** Operations of a child, and of its parent meanwhile. */
    private static final int LIFE = 6;
    /** Children that live at once. */
    private static final int SIBLINGS = 4;
    /** Generations below a thread. */
    private static final int MOST_DEPTH = 2;

    private ProcessOperations() {}

    /** A child reads and changes the memory that it shares with its parent, which does so as well. */
    private static boolean fork(Cpu cpu, StormThread on) {
        if (on.depth() == MOST_DEPTH) {
            return true;
        }
        StormThread child = on.forked();
        StormThread meanwhile = on.withChild();
        return on.storm()
                .rounds()
                .fork(
                        cpu,
                        child.id(),
                        own -> live(own, child) && child.verifySome(own),
                        own -> live(own, meanwhile) && meanwhile.verifySome(own));
    }

    /** Several children copy pages of their parent and live while some of them are reclaimed. */
    private static boolean family(Cpu cpu, StormThread on) {
        return on.depth() == MOST_DEPTH || siblings(cpu, on.withChild(), SIBLINGS);
    }

    private static boolean siblings(Cpu cpu, StormThread on, int more) {
        if (more == 0) {
            on.storm().syscalls().reclaim(cpu);
            return on.verifySome(cpu);
        }
        StormThread child = on.forked();
        return on.storm().rounds().fork(cpu, child.id(), own -> copy(own, child), own -> siblings(own, on, more - 1));
    }

    private static boolean copy(Cpu cpu, StormThread child) {
        boolean alive = child.verifySome(cpu);
        for (int i = 0; i < LIFE && alive; i++) {
            alive = child.own().call(cpu, child.user(), child.random(), ThreadStorm.Call.FAULTS);
        }
        return alive && child.verifySome(cpu);
    }

    private static boolean live(Cpu cpu, StormThread on) {
        boolean alive = on.verifySome(cpu);
        for (int i = 0; i < LIFE && alive; i++) {
            alive = on.storm().draw().inChild(cpu, on) && !Processes.killed(cpu);
        }
        return alive;
    }

    /** A child that becomes another program. */
    private static boolean exec(Cpu cpu, StormThread on) {
        StormThread child = on.forked();
        return on.storm()
                .rounds()
                .fork(cpu, child.id(), own -> child.verifySome(own) && image(own, child), own -> true);
    }

    private static boolean image(Cpu cpu, StormThread child) {
        return child.storm().image().run(cpu, child.user(), child.random());
    }

    /** The same in the parent's memory until it does: the parent waits. */
    private static boolean vfork(Cpu cpu, StormThread on) {
        StormThread child = on.forked();
        int flags = Processes.CLONE_VM | Processes.CLONE_VFORK;
        int pid = on.storm()
                .syscalls()
                .fork(cpu, own -> become(own, child), on.storm().comm(), child.id(), flags);
        if (pid > 0) {
            on.storm().syscalls().waitFor(cpu, pid);
        }
        return !Processes.killed(cpu);
    }

    private static void become(Cpu cpu, StormThread child) {
        Entry.exit(cpu);
        boolean alive = image(cpu, child);
        child.storm().exited(cpu, alive);
        child.storm().counts().processes.increment();
    }

    /** One more thread of the process, which works on what threads have in common and ends. */
    private static boolean thread(Cpu cpu, StormThread on) {
        StormThread other = on.sibling();
        AtomicBoolean ended = new AtomicBoolean();
        int flags = Processes.CLONE_VM | Processes.CLONE_THREAD;
        int pid = on.storm()
                .syscalls()
                .fork(cpu, own -> assist(own, other, ended), on.storm().comm(), on.id(), flags);
        // Ends when the thread has; one that was killed ends as well.
        while (pid > 0 && !ended.get()) {
            on.storm().syscalls().sleep(cpu, 1);
        }
        return !Processes.killed(cpu);
    }

    private static void assist(Cpu cpu, StormThread on, AtomicBoolean ended) {
        Entry.exit(cpu);
        boolean alive = true;
        for (int i = 0; i < LIFE && alive; i++) {
            ThreadStorm.Call[] calls = ThreadStorm.Call.values();
            alive = on.common()
                            .call(cpu, on.user(), on.random(), calls[on.random().nextInt(calls.length)])
                    && on.stripes().protect(cpu, on.user(), on.random())
                    && !Processes.killed(cpu);
        }
        on.storm().exited(cpu, alive);
        on.storm().counts().threads.increment();
        ended.set(true);
    }
}
