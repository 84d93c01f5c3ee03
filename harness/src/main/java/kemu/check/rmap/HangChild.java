package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * The hang of 2.6.36-rc2. A page that only a forked child maps: reclaim asks whether it was referenced, while the child
 * exits and another process makes its first write fault, which reuses the child's anon_vma under a root of its own. In
 * the end the parent, whose anon_vma was the root, exits: if its lock was left locked, that hangs.
 */
final class HangChild implements Scenario {
    @Override
    public String name() {
        return "rmap-hang-child";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma against exit and reuse of a child's anon_vma (2.6.36-rc2, fixed by f18194275c39)";
    }

    @Override
    public String source() {
        return "Linux f18194275c39 (2.6.36-rc3) mm/rmap.c, page_lock_anon_vma(); the thread of August 2010";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a lookup unlocks another anon_vma's lock: the child's anon_vma became a root meanwhile",
                "2.6.36-rc1 and 2.6.36-rc2",
                "012f18004da3",
                "f18194275c39 (2.6.36-rc3)",
                "root-reread"));
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "root-reread" -> Expectation.wrongUnlock(subject);
            case "own-lock-first-naive" -> Expectation.fails(FailureKind.HANG);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        return race(kernel, "exit");
    }

    /** The race; {@code exit} is what the task of the child is called, which exits and whose anon_vma is reused. */
    static Consumer<Cpu> race(Kernel kernel, String exit) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long parent = scene.newWriter(boot);
        long child = scene.forkWriter(boot, parent);
        long other = scene.newReader(boot);
        long page = scene.isolatedPage(boot, child);
        scene.reclaim(page);
        scene.task(1, exit, cpu -> {
            scene.exit(cpu, child);
            scene.write(cpu, other);
            scene.exit(cpu, other);
        });
        return cpu -> scene.exit(cpu, parent);
    }
}
