package kemu.check.ksm;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * A page is being written to swap when its owner faults it in again: it is the only one, and may write to the page at
 * once, which cannot leave the swap cache yet. What it stores only the pte knows of. ksmd merges the page with that of
 * another process, and the owner writes to it again, to a copy: the pte goes. Now the page looks like what is on disk,
 * so that reclaim frees it, and what comes back for the other is what the owner had before.
 *
 * <p>Hugh Dickins names munmap, which does not tell an anonymous page what its pte knew either; here that would take
 * the page out of the swap cache, also if others map it.
 */
final class MergeDirty implements KsmScenario {
    @Override
    public String name() {
        return "rmap-ksm-dirty";
    }

    @Override
    public String description() {
        return "a page is reused under writeback, merged, written again and reclaimed: what has the other?";
    }

    @Override
    public String source() {
        return "Linux 4e31635c367a (2.6.36-rc6) mm/ksm.c, write_protect_page()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a page stored to while it is written to swap is merged, and taken for clean: stale data comes back",
                "2.6.33 to 2.6.36-rc5",
                "5ad6468801d2",
                "4e31635c367a (2.6.36-rc6)",
                "forgets-dirty"));
    }

    @Override
    public List<String> variants() {
        return List.of("2.6.36", "forgets-dirty");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("forgets-dirty")
                ? Expectation.fails(FailureKind.USER_MEMORY)
                : Expectation.HOLDS;
    }

    @Override
    public boolean coverable() {
        // A fault goes round until a page that is just being removed has left the swap cache.
        return false;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        Cpu boot = scene.scene().cpu(0);
        // The page of the one that is scanned last becomes the KSM page.
        long other = scene.newMm(boot, 8);
        long owner = scene.newMm(boot, 8);
        scene.round(boot);
        scene.store(boot, owner, 0, 7);
        long page = scene.page(boot, owner, 0);
        // Not used since: the first look at it takes it away.
        scene.shrink(boot, page);
        scene.scene().task(0, "reclaim+ksmd+write", cpu -> {
            scene.shrink(cpu, page);
            kernel.lru().drain(cpu);
            scene.round(cpu);
            // Another thread of the owner: it gets a copy, and the pte that knows is gone.
            scene.store(cpu, owner, 0, 9);
            scene.shrink(cpu, page);
            scene.shrink(cpu, page);
        });
        scene.scene().task(1, "owner", cpu -> scene.store(cpu, owner, 0, 8));
        return cpu -> {
            scene.holds(cpu, other, 0, 8);
            scene.end(cpu, owner, other);
        };
    }
}
