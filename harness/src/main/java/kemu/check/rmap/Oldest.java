package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * A page that parent and child share is swapped out; the child brings it back and exits; then the parent maps it. It
 * must not point to the child's anon_vma, which is gone by then, but to one that outlives all who may map it.
 */
final class Oldest implements RmapScenario {
    private static final int SWAP_PAGES = 64;

    @Override
    public String name() {
        return "rmap-oldest";
    }

    @Override
    public String description() {
        return "a shared page comes back from swap by a child, which exits, then by its parent; no race is needed";
    }

    @Override
    public String source() {
        return "Linux ea90002b0fa7 (2.6.34-rc4) mm/rmap.c, __page_set_anon_rmap()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a page shared with a child points to the child's anon_vma, which goes first",
                "2.6.34-rc1 to 2.6.34-rc3",
                "5beb49305251",
                "ea90002b0fa7 (2.6.34-rc4)",
                "newest"));
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public List<String> variants() {
        return List.of("root", "newest", "exclusive");
    }

    @Override
    public KernelConfig configure(String variant) {
        return new KernelConfig("root-recheck", SWAP_PAGES)
                .withAnonVmaRules(variant.equals("newest") ? "shared-to-newest" : AnonVmaRuleSets.CURRENT);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("newest") ? Expectation.fails(FailureKind.RMAP_I1) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        long parent = scene.newWriter(boot);
        long child = scene.fork(boot, parent);
        long page = kernel.pages().pageOf(Pte.frame(scene.pte(boot, parent)));
        scene.task(0, "swap", cpu -> {
            swapOut(kernel, cpu, page);
            if (variant.equals("exclusive")) {
                // The only owner left: a write may point the page to the child's own anon_vma.
                scene.exit(cpu, parent);
                scene.write(cpu, child);
                Looker.look(kernel, cpu, kernel.pages().pageOf(Pte.frame(scene.pte(cpu, child))));
                scene.exit(cpu, child);
            } else {
                scene.read(cpu, child);
                scene.exit(cpu, child);
                scene.read(cpu, parent);
                Looker.look(kernel, cpu, kernel.pages().pageOf(Pte.frame(scene.pte(cpu, parent))));
                scene.exit(cpu, parent);
            }
        });
        return cpu -> {};
    }

    /** What reclaim does with a page, to the end: the page is free, its contents are on disk. */
    private static void swapOut(Kernel kernel, Cpu cpu, long page) {
        kernel.lru().drain(cpu);
        kernel.lru().isolate(cpu, page);
        kernel.pageLock().lock(cpu, page);
        kernel.rmapWalk().pageReferenced(cpu, page, true);
        if (!kernel.swap().addToSwap(cpu, page) || kernel.rmapWalk().tryToUnmap(cpu, page) != RmapWalk.SWAP_SUCCESS) {
            throw new SceneBroken("the page is not swapped out");
        }
        kernel.swap().writepage(cpu, page);
        kernel.pageLock().lock(cpu, page);
        if (!kernel.swap().removeMapping(cpu, page)) {
            throw new SceneBroken("the page is kept");
        }
        Page.FLAGS.writeOnce(cpu, page, Page.FLAGS.get(cpu, page) & ~(Page.PG_LOCKED | Page.PG_ACTIVE));
        kernel.pages().freePages(cpu, page, 0);
    }
}
