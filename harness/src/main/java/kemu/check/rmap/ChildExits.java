package kemu.check.rmap;

import java.util.function.Consumer;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Scene;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * A page is looked at while a child of its owner exits: a VMA leaves the list of the anon_vma, which itself is never
 * free. So the lookup that hung 2.6.36-rc2 is sound here, as every other one is.
 */
final class ChildExits implements Scenario {
    @Override
    public String name() {
        return "rmap-child-exits";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma against the exit of a child of the page's owner, who stays";
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newWriter(boot);
        long child = scene.fork(boot, owner);
        long page = scene.isolatedPage(boot, owner);
        Looker.task(kernel, scene, page);
        scene.task(1, "exit", cpu -> scene.exit(cpu, child));
        return cpu -> scene.exit(cpu, owner);
    }
}
