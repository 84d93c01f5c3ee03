package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.Scene;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaRules;

/**
 * The second mapped test means something only if the page is still the same: whoever looks holds a reference on it.
 * Without one the page is freed and mapped again by another process, the test passes, and what is returned is the
 * anon_vma that the page had in its last life.
 */
final class NoPageRef implements RmapScenario {
    /** As many as exit frees pages from the page on: itself, the gather's, the page directory. */
    private static final int COPIES = 3;

    @Override
    public String name() {
        return "rmap-no-pageref";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma with or without a reference on the page, against exit and reuse of the page";
    }

    @Override
    public List<String> variants() {
        return List.of("with", "without");
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel("root-recheck", AnonVmaRules.CURRENT);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newMm(boot);
        scene.write(boot, owner);
        long parent = scene.newMm(boot);
        scene.write(boot, parent);
        long[] children = new long[COPIES];
        for (int i = 0; i < COPIES; i++) {
            children[i] = scene.fork(boot, parent);
        }
        long page = scene.isolatedPage(boot, owner);
        if (variant.equals("without")) {
            kernel.pages().putPage(boot, page);
        }
        scene.task(0, "reclaim", cpu -> Looker.look(kernel, cpu, page));
        scene.task(1, "exit+copy", cpu -> {
            scene.exit(cpu, owner);
            // The copy of a shared page takes a free page, and there is an anon_vma for it already.
            for (long child : children) {
                scene.write(cpu, child);
            }
        });
        return cpu -> {
            boolean reused = false;
            for (long child : children) {
                reused |= kernel.pages().pageOf(Pte.frame(scene.pte(cpu, child))) == page;
                scene.exit(cpu, child);
            }
            if (reused == variant.equals("with")) {
                throw new KernelBug("BUG: the scene is not what it should be: page reused: " + reused);
            }
            scene.exit(cpu, parent);
        };
    }
}
