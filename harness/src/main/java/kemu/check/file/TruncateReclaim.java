package kemu.check.file;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * Reclaim and a truncation want the same page, which is mapped and dirty. Each may find that the other has taken it out
 * of the cache, or is writing it to disk; it is freed once, and nothing that was written to it comes back.
 */
final class TruncateReclaim implements FileScenario {
    @Override
    public String name() {
        return "file-truncate-reclaim";
    }

    @Override
    public String description() {
        return "ftruncate against reclaim of the page that it cuts off, which is mapped and dirty";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/truncate.c truncate_inode_page(), mm/vmscan.c __remove_mapping()";
    }

    @Override
    public List<String> variants() {
        return List.of(CURRENT, "reference-late");
    }

    @Override
    public int deviations(MemoryModel model) {
        // With a store buffer two deviations are more than a hundred thousand executions.
        return model.buffers() && model.coverable() ? 1 : FEW_DEVIATIONS;
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(CURRENT) ? Expectation.HOLDS : Expectation.fails(FailureKind.BAD_PAGE_STATE);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        FileScene file = new FileScene(kernel, boot, true);
        file.store(boot, FileScene.PAGE_1, 7);
        long page = file.readPage1(boot);
        kernel.lru().drainAll(boot);
        if (!kernel.lru().isolate(boot, page)) {
            throw new SceneBroken("the page is on no LRU list");
        }
        // A page whose ptes are young is kept.
        kernel.rmapWalk().pageReferenced(boot, page, false);
        kernel.pages().putPage(boot, page);
        scene.task(0, "reclaim", cpu -> kernel.vmscan().shrinkPage(cpu, page));
        scene.task(1, "truncate", file::truncate);
        return cpu -> {
            file.isCutOff(cpu);
            if (kernel.pageCache().diskBlocks(cpu) != 0) {
                throw new Violation(FailureKind.LEAK, "BUG: a block of what was cut off is left");
            }
            file.exit(cpu);
        };
    }
}
