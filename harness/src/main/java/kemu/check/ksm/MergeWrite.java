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
 * ksmd makes one page of two equal ones while the owner of one writes: it must read what it wrote, and the other must
 * not, whether the store came before the page was write-protected, or after, and then it is copied.
 */
final class MergeWrite implements KsmScenario {
    private final String name;
    /** Which of the two pages is written: the first is given up, the second becomes the KSM page. */
    private final int written;

    MergeWrite(String name, int written) {
        this.name = name;
        this.written = written;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "ksmd merges two equal pages while the owner of the one that "
                + (written == 0 ? "is given up" : "both will map") + " writes to it";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/ksm.c, try_to_merge_one_page()";
    }

    @Override
    public List<String> variants() {
        return written == 0
                ? List.of("2.6.36", "not-protected")
                : List.of("2.6.36", "not-protected", "reuse-not-asked");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("2.6.36") ? Expectation.HOLDS : Expectation.fails(FailureKind.USER_MEMORY);
    }

    @Override
    public int deviations(MemoryModel model) {
        // One of the wrong rules fails only within two, and so the right one is covered within as many.
        return model.coverable() ? 2 : KsmScenario.within(model);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        KsmScene scene = new KsmScene(kernel);
        Cpu boot = scene.scene().cpu(0);
        long one = scene.newMm(boot, 7);
        long other = scene.newMm(boot, 7);
        scene.round(boot);
        scene.scene().task(0, "ksmd", scene::round);
        scene.scene().task(1, "writer", cpu -> scene.store(cpu, written == 0 ? one : other, 0, 8));
        return cpu -> {
            scene.holds(cpu, one, 0, written == 0 ? 8 : 7);
            scene.holds(cpu, other, 0, written == 0 ? 7 : 8);
            scene.end(cpu, one, other);
        };
    }
}
