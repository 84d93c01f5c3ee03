package kemu.check.mlock;

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
import kemu.mm.page.Lru;
import kemu.mm.page.Page;

/**
 * Reclaim puts a page on the unevictable list since its file holds it, while SHM_UNLOCK lets go of the file: one sets
 * PG_lru, then looks at the file's flag, the other clears that, then looks at PG_lru. The two are always two words.
 *
 * <p>Until 5.11 SHM_UNLOCK looked at PG_lru with lru_lock held, and so after the whole of the other's setting or before
 * it: the fence of putback is not needed for that, and from 4.16 on both look under the lock. Since 5.11 SHM_UNLOCK
 * looks without it, and the fence is needed. Where PG_lru is set by a store that shows on tso. Where it is set by an
 * atomic operation without order, as in the kernel, the look at the file's flag must come early, through an early load
 * of page->mapping: LKMM allows that (corpus:mlock/SB+or-addr+clear-mb-shm), the weak model here runs no such chain
 * ahead, and alpha, where an address orders nothing, shows it.
 */
final class ShmUnlock implements MlockScenario {
    private static final String UNLOCKED = "unlocked-rescue-without-barrier";
    private static final String SPLIT_UNLOCKED = "split-unlocked-rescue-without-barrier";

    @Override
    public String name() {
        return "mlock-shm-unlock";
    }

    @Override
    public String description() {
        return "putback of a page against SHM_UNLOCK of its file: who sees the other?";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/vmscan.c check_move_unevictable_page(); 5.11 check_move_unevictable_pages()";
    }

    @Override
    public List<String> variants() {
        return MlockScenario.withForeign(List.of(
                "with-barrier",
                "without-barrier",
                "pagevec-without-barrier",
                "unlocked-rescue",
                UNLOCKED,
                "split-unlocked-rescue",
                SPLIT_UNLOCKED));
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case SPLIT_UNLOCKED ->
                subject.model().buffers() ? Expectation.fails(FailureKind.STRANDED_PAGE) : Expectation.HOLDS;
            case UNLOCKED -> unlocked(subject.model());
            default -> Expectation.HOLDS;
        };
    }

    private static Expectation unlocked(MemoryModel model) {
        if (!model.staleLoads() || model.atomicsAreFences()) {
            return Expectation.HOLDS;
        }
        return model.dependencies()
                ? Expectation.hides("the file's flag is loaded through page->mapping, and the model does not load"
                        + " along an address ahead of its base")
                : Expectation.fails(FailureKind.STRANDED_PAGE);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        long file = kernel.files().open(boot, 42);
        long page = kernel.pageCache().findOrRead(boot, file, 0);
        kernel.lru().drain(boot);
        kernel.shmLock().lock(boot, file);
        // As reclaim has it, with the reference that putback drops.
        if (!kernel.lru().isolate(boot, page)) {
            throw new SceneBroken("the page is on no list");
        }
        if (variant.startsWith("pagevec")) {
            kernel.lru().putback(boot, page);
            scene.task(0, "lru_add", cpu -> kernel.lru().drain(cpu));
        } else {
            scene.task(0, "putback", cpu -> kernel.lru().putback(cpu, page));
        }
        scene.task(1, "shm_unlock", cpu -> kernel.shmLock().unlock(cpu, file));
        return cpu -> {
            if (kernel.lru().size(cpu, Lru.UNEVICTABLE) != 0) {
                throw new Violation(
                        FailureKind.STRANDED_PAGE,
                        "BUG: a page that no file holds is stranded on the unevictable list: "
                                + Page.describe(cpu, page));
            }
            kernel.pages().putPage(cpu, page);
            kernel.files().put(cpu, file);
        };
    }
}
