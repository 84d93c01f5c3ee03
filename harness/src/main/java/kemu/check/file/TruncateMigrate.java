package kemu.check.file;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.pgtable.Pte;

/**
 * A page is moved elsewhere while it is cut off: one of the file, or a private copy of one. Truncation finds a
 * migration entry, and takes it as it would the page; or it finds the page, whose reference in its hands keeps it from
 * moving; or it waits for the page lock, and finds the page moved, out of the cache under its old address. The last
 * pass over the ptes finds what came back meanwhile.
 */
final class TruncateMigrate implements FileScenario {
    private final String name;
    private final boolean shared;

    /** A page of the file if {@code shared}, else a copy. */
    TruncateMigrate(String name, boolean shared) {
        this.name = name;
        this.shared = shared;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "ftruncate of a page " + (shared ? "of the file" : "that is a private copy") + ", which is just moved";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/memory.c zap_pte_range(), mm/truncate.c truncate_inode_page(), mm/migrate.c";
    }

    @Override
    public List<String> variants() {
        return List.of(CURRENT);
    }

    @Override
    public int deviations(MemoryModel model) {
        return model.buffers() && model.coverable() ? 1 : FEW_DEVIATIONS;
    }

    @Override
    public Expectation expected(Subject subject) {
        return Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        FileScene file = new FileScene(kernel, boot, shared);
        file.store(boot, FileScene.PAGE_1, 7);
        long pte = kernel.pageTable().find(boot, file.mm, FileScene.PAGE_1);
        long page = kernel.pages().pageOf(Pte.frame(boot.readOnce64(pte)));
        kernel.lru().drainAll(boot);
        if (!kernel.migration().isolate(boot, page)) {
            throw new SceneBroken("the page is on no LRU list");
        }
        long fresh = kernel.pages().allocPages(boot, Gfp.USER, 0);
        scene.task(0, "migrate", cpu -> {
            if (kernel.migration().unmapAndMove(cpu, page, fresh, true) != 0) {
                kernel.migration().putback(cpu, page);
            }
        });
        scene.task(1, "truncate", file::truncate);
        return cpu -> {
            file.isCutOff(cpu);
            file.exit(cpu);
        };
    }
}
