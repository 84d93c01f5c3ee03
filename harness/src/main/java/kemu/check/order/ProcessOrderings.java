package kemu.check.order;

import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.kernel.context.Task;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.process.Processes;

/** What is promised about order where processes come and go. */
final class ProcessOrderings {
    private ProcessOrderings() {}

    /** A parent goes on when its child of vfork has exited, and sees what that did. */
    static Consumer<Cpu> vfork(Kernel kernel, Scene scene) {
        Processes processes = kernel.processes();
        int name = Comms.of(kernel.machine()).number("vfork");
        long word = scene.word(scene.cpu(0));
        processes.spawnInit(
                scene.cpu(0),
                cpu -> {
                    int child = processes.fork(
                            cpu,
                            own -> {
                                own.write64(word, 1);
                                processes.exit(own, 0);
                            },
                            name,
                            2,
                            Processes.CLONE_VM | Processes.CLONE_VFORK);
                    if (child < 0 || cpu.read64(word) != 1) {
                        throw new Violation(
                                FailureKind.HALF_MADE, "BUG: a parent went on before its child of vfork had exited");
                    }
                    processes.waitFor(cpu, child);
                    processes.exit(cpu, 0);
                },
                name,
                1,
                0);
        return cpu -> {};
    }

    /**
     * The OOM killer looks for a victim while one candidate gives its address space up and another does not. Other
     * users keep both address spaces: who is killed is what this is about, not what becomes of the memory.
     */
    static Consumer<Cpu> oom(Kernel kernel, Scene scene) {
        long over = scene.word(scene.cpu(0));
        long leaving = candidate(kernel, scene, 0, cpu -> {});
        long staying = candidate(kernel, scene, 1, cpu -> {
            // The loop ends with the task of the killer.
            while (cpu.readOnce64(over) == 0) {
                cpu.relax();
            }
        });
        scene.task(2, "killer", cpu -> {
            // The loop ends: a victim that has exited meanwhile is spared, and one candidate never exits.
            while (kernel.vmscan().oomKills(cpu) == 0) {
                kernel.vmscan().outOfMemory(cpu);
            }
            cpu.writeOnce64(over, 1);
        });
        return cpu -> {
            kernel.mms().mmput(cpu, leaving);
            kernel.mms().mmput(cpu, staying);
            if (kernel.vmscan().oomKills(cpu) != 1) {
                throw new Violation(
                        FailureKind.ACCOUNTING,
                        "BUG: " + kernel.vmscan().oomKills(cpu) + " tasks killed for memory, not 1");
            }
        };
    }

    /** A task on CPU {@code on} with an address space, which outlives it. */
    private static long candidate(Kernel kernel, Scene scene, int on, Consumer<Cpu> meanwhile) {
        Cpu boot = scene.cpu(on);
        long mm = scene.newMm(boot);
        scene.write(boot, mm);
        long task = Sched.of(kernel.machine())
                .spawn(
                        boot,
                        cpu -> {
                            meanwhile.accept(cpu);
                            Task.MM.writeOnce(cpu, Sched.current(cpu), Cpu.NULL);
                        },
                        on,
                        "candidate" + on,
                        0);
        Task.MM.writeOnce(boot, task, mm);
        return mm;
    }
}
