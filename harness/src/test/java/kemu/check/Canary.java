package kemu.check;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;

/** A scenario of tests, each variant of which goes wrong in a way of its own. */
final class Canary implements OwnVariants {
    @Override
    public String name() {
        return "canary";
    }

    @Override
    public String description() {
        return "goes wrong on purpose";
    }

    @Override
    public List<String> variants() {
        return List.of(
                "holds",
                "broken-build",
                "broken-audit",
                "broken-task",
                "broken-end",
                "leak",
                "race",
                "accident",
                "own");
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        long mm = scene.newMm(boot);
        long page = kernel.pages().frameOf(kernel.pages().allocPages(boot, Gfp.KERNEL, 0));
        switch (variant) {
            case "broken-build" -> throw new SceneBroken("no scene today");
            case "broken-audit" ->
                kernel.mms().vmaCache().free(boot, kernel.mms().findVma(boot, mm, 0));
            default -> {}
        }
        scene.task(0, "one", cpu -> {
            cpu.readOnce64(page);
            cpu.write64(page + 64, 1);
            switch (variant) {
                case "broken-task" -> throw new SceneBroken("a premise of the task");
                case "leak" -> kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
                case "accident" -> throw new UnsupportedOperationException("not my day");
                default -> {}
            }
        });
        scene.task(1, "other", cpu -> {
            cpu.readOnce64(page);
            if (variant.equals("race")) {
                cpu.write64(page + 64, 2);
            }
        });
        return cpu -> {
            switch (variant) {
                case "broken-end" -> throw new SceneBroken("a premise of the end");
                case "own" -> throw new Violation(FailureKind.LEAK, "BUG: in words that no row knows");
                default -> {}
            }
        };
    }
}
