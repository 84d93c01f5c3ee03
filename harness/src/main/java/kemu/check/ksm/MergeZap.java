package kemu.check.ksm;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * ksmd merges a page whose owner gives it up and writes to a new one at the same address: the new one must stay.
 * Neither the page lock nor mmap_sem keeps the pte as it was when the page was write-protected, so that it is compared.
 */
final class MergeZap implements KsmScenario {
    @Override
    public String name() {
        return "rmap-ksm-zap";
    }

    @Override
    public String description() {
        return "ksmd merges a page that its owner gives up for a new one";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/ksm.c, replace_page()";
    }

    @Override
    public List<String> variants() {
        return List.of("2.6.36", "pte-not-compared");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("pte-not-compared")
                ? Expectation.fails(FailureKind.USER_MEMORY)
                : Expectation.HOLDS;
    }

    @Override
    public int deviations(MemoryModel model) {
        return KsmScenario.within(model);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        Cpu boot = scene.scene().cpu(0);
        // The page of the first is given up for that of the last.
        long one = scene.newMm(boot, 7);
        long other = scene.newMm(boot, 7);
        scene.round(boot);
        scene.scene().task(0, "ksmd", scene::round);
        scene.scene().task(1, "owner", cpu -> {
            scene.zap(cpu, one);
            scene.store(cpu, one, 0, 8);
        });
        return cpu -> {
            scene.holds(cpu, one, 0, 8);
            scene.holds(cpu, other, 0, 7);
            scene.end(cpu, one, other);
        };
    }
}
