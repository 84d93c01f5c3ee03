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
 * The mirror case: the page's anon_vma is its own root. Its process exits, and a fork reuses the anon_vma as a child of
 * another root; the looker then unlocks that foreign root and leaves the anon_vma's own lock locked.
 *
 * <p>{@code own-lock-first-naive}, which {@link HangChild} convicts, holds here: a root's own lock is the lock of its
 * list, so the page found mapped under it has VMAs on that list, which nobody can unlink before the unlock. An argument
 * by analogy has it fail here too; the search covers every interleaving and finds none that does.
 */
final class HangRoot implements Scenario {
    @Override
    public String name() {
        return "rmap-hang-root";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma against exit and reuse of a root anon_vma by fork (2.6.36-rc2)";
    }

    @Override
    public String source() {
        return "Linux f18194275c39 (2.6.36-rc3) mm/rmap.c, page_lock_anon_vma(); the thread of August 2010";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a lookup unlocks another anon_vma's lock: the root's anon_vma became a child meanwhile",
                "2.6.36-rc1 and 2.6.36-rc2",
                "012f18004da3",
                "f18194275c39 (2.6.36-rc3)",
                "root-reread"));
    }

    @Override
    public Expectation expected(Subject subject) {
        if (!subject.variant().equals("root-reread")) {
            return Expectation.HOLDS;
        }
        // The foreign lock is released twice, which a test-and-set lock does not notice, and nobody needs the other.
        return subject.spinLock().equals("tas")
                ? Expectation.fails(FailureKind.BAD_UNLOCK)
                : Expectation.wrongUnlock(subject);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newWriter(boot);
        long forker = scene.newWriter(boot);
        long victim = scene.newReader(boot);
        long page = scene.isolatedPage(boot, owner);
        scene.reclaim(page);
        scene.task(1, "exit+fork", cpu -> {
            scene.exit(cpu, owner);
            long child = scene.fork(cpu, forker);
            scene.exit(cpu, child);
        });
        return cpu -> {
            // The slot is allocated once more, now as a root: a lock left locked is found locked.
            scene.write(cpu, victim);
            scene.exit(cpu, victim);
            scene.exit(cpu, forker);
        };
    }
}
