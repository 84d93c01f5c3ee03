package kemu.check.ksm;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.page.Page;

/**
 * A device writes to a page of user memory by its frame, as O_DIRECT has it, while ksmd merges the page with an equal
 * one. Write-protecting ptes does not stop the device; its reference on the page must. Page tables, the swap cache and
 * ksmd have one each, so that one more is to be told from that of the swap cache, and none may come while they are
 * counted: get_user_pages_fast takes no lock that ksmd has, only the flush of the pte waits for it.
 */
final class MergePinned implements KsmScenario {
    @Override
    public String name() {
        return "rmap-ksm-pin";
    }

    @Override
    public String description() {
        return "ksmd merges a page that a device is about to write to: is its reference noticed?";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/ksm.c, write_protect_page(); arch/x86/mm/gup.c";
    }

    @Override
    public List<String> variants() {
        return List.of("2.6.36", "any-extra-reference", "references-not-counted", "counted-first");
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
        scene.scene().task(1, "device", cpu -> {
            long page = kernel.userAccess().pin(cpu, one, KsmScene.BASE);
            if (page < 0) {
                throw new SceneBroken("the page cannot be pinned: " + page);
            }
            long word = kernel.pages().frameOf(page);
            cpu.writeOnce64(word, 8);
            // On behalf of the process, whose memory it is from now on.
            cpu.tell(Event.USER_WORD, word, 8);
            cpu.tell(Event.USER_STORED, one, KsmScene.BASE);
            // set_page_dirty_lock, as far as it matters here: the page is in no cache.
            Page.FLAGS.setBits(cpu, page, Page.PG_DIRTY);
            kernel.pages().putPage(cpu, page);
        });
        return cpu -> {
            scene.holds(cpu, one, 0, 8);
            scene.holds(cpu, other, 0, 7);
            scene.end(cpu, one, other);
        };
    }
}
