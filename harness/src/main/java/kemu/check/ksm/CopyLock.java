package kemu.check.ksm;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/**
 * A thread copies a page of the swap cache that belongs elsewhere by now. Before it maps the copy it compares the pte:
 * it must hold the entry still. But the same entry does not mean the same contents: another thread may have written to
 * a copy of its own, whose entry was freed with the cached page, and given to that copy when it was swapped out. The
 * lock of the cached page keeps the entry, if it is held until the pte is compared; the swap area here has a single
 * one.
 */
final class CopyLock implements KsmScenario {
    @Override
    public String name() {
        return "rmap-ksm-entry";
    }

    @Override
    public String description() {
        return "a thread maps a copy of a cached page whose swap entry has meanwhile been given to another page";
    }

    @Override
    public String source() {
        return "Linux 4969c1192d15 (2.6.36-rc4) mm/memory.c, do_swap_page()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a stale copy of a swapped page is mapped, since its entry has been reused for the same pte",
                "2.6.33 to 2.6.36-rc3",
                "5ad6468801d2",
                "4969c1192d15 (2.6.36-rc4)",
                "unlocks-cached"));
    }

    @Override
    public List<String> variants() {
        return List.of("2.6.36", "unlocks-cached");
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(1).withKsm(variant);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("unlocks-cached")
                ? Expectation.fails(FailureKind.USER_MEMORY)
                : Expectation.HOLDS;
    }

    @Override
    public int deviations(MemoryModel model) {
        return 1;
    }

    @Override
    public boolean coverable() {
        // A fault goes round until a page that is just being removed has left the swap cache.
        return false;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        Cpu boot = scene.scene().cpu(1);
        long one = scene.newMm(boot, 7);
        long other = scene.newMm(boot, 7);
        scene.merge(boot);
        scene.areOne(boot, scene.page(boot, one, 0), scene.page(boot, other, 0));
        scene.swapOut(boot, scene.page(boot, one, 0));
        scene.holds(boot, one, 0, 7);
        scene.scene().task(0, "reader", cpu -> kernel.userAccess().load64(cpu, other, KsmScene.BASE, 7));
        scene.scene().task(1, "writer+reclaim", cpu -> {
            scene.store(cpu, other, 0, 8);
            // The only owner left: the page leaves the swap cache, and the entry is free.
            scene.store(cpu, one, 0, 9);
            long page = scene.page(cpu, other, 0);
            scene.shrink(cpu, page);
            scene.shrink(cpu, page);
        });
        return cpu -> {
            scene.holds(cpu, other, 0, 8);
            scene.holds(cpu, one, 0, 9);
            scene.end(cpu, one, other);
        };
    }
}
