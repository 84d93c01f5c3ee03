package kemu.check.mlock;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;

/**
 * munlock() of a page that reclaim has taken off its list: munlock clears PG_mlocked, cannot take the page, and counts
 * it as stranded. Whoever has it puts it back where it belongs.
 */
final class MunlockLost implements MlockScenario {
    @Override
    public String name() {
        return "mlock-munlock-lost";
    }

    @Override
    public String description() {
        return "munlock() of a page that reclaim has taken off its list";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/mlock.c munlock_vma_page()";
    }

    @Override
    public List<String> variants() {
        return MlockScenario.withForeign(List.of("with-barrier", "pte-lock", "last-unmap-pte-lock", "pagevec"));
    }

    @Override
    public int deviations(MemoryModel model) {
        return model.reordersStores() ? 1 : 2;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        PrivatePage page = PrivatePage.written(kernel, boot);
        page.split(boot);
        page.mlock(boot);
        kernel.lru().drain(boot);
        long pinned = page.pinned(boot);
        scene.task(0, "reclaim", cpu -> {
            if (kernel.lru().isolate(cpu, pinned)) {
                kernel.lru().putback(cpu, pinned);
                kernel.lru().drain(cpu);
            }
            kernel.pages().putPage(cpu, pinned);
        });
        scene.task(1, "munlock", page::munlock);
        return cpu -> {
            long released = kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGSTRANDED)
                    + kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_PGMUNLOCKED);
            if (released != 1) {
                throw new SceneBroken("munlock has counted " + released + " pages");
            }
            if (Page.test(cpu, pinned, Page.PG_MLOCKED) || kernel.lru().size(cpu, Lru.UNEVICTABLE) != 0) {
                throw new Violation(
                        FailureKind.STRANDED_PAGE, "BUG: a page that nobody locks is stranded on the unevictable list");
            }
            page.exit(cpu);
        };
    }
}
