package kemu.check.migrate;

import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;

/** One page that is moved in the race, by a task of its own. */
final class Moving {
    private final Kernel kernel;
    private final long page;
    private final long fresh;

    /** Takes the page that {@code mm} maps off the LRU lists, on CPU {@code on}, and gets it a place to go. */
    Moving(Kernel kernel, Scene scene, int on, @Ref(MmStruct.class) long mm) {
        this(kernel, scene, scene.cpu(on), kernel.pages().pageOf(Pte.frame(scene.pte(scene.cpu(on), mm))));
    }

    /** The same with {@code page}, which is mapped, on {@code cpu}. */
    Moving(Kernel kernel, Scene scene, Cpu cpu, @Ref(Page.class) long page) {
        this.kernel = kernel;
        this.page = page;
        drainAll(kernel, scene);
        if (!kernel.migration().isolate(cpu, page)) {
            throw new SceneBroken("the page is on no LRU list");
        }
        fresh = kernel.pages().allocPages(cpu, Gfp.USER, 0);
    }

    /** Empties the pagevecs of all CPUs. */
    static void drainAll(Kernel kernel, Scene scene) {
        for (int id = 0; id < kernel.machine().cpus(); id++) {
            kernel.lru().drain(scene.cpu(id));
        }
    }

    /** The task on CPU {@code on} that tries once to move the page, and puts it back if that fails. */
    void task(Scene scene, int on) {
        scene.task(on, "migrate", this::run);
    }

    /** Whether the process reads what was written. */
    static void expect(Kernel kernel, Cpu cpu, @Ref(MmStruct.class) long mm, long address, long value) {
        if (kernel.userAccess().load64(cpu, mm, address, value) != 0) {
            throw new Violation(
                    FailureKind.USER_MEMORY,
                    "BUG: a page that was moved holds " + kernel.userAccess().lastValue(cpu) + ", not " + value);
        }
    }

    private void run(Cpu cpu) {
        move(kernel, cpu, page, fresh);
    }

    /** Tries once to move the page, which is isolated, and puts it back if that fails. */
    static void move(Kernel kernel, Cpu cpu, @Ref(Page.class) long page, @Ref(Page.class) long fresh) {
        if (kernel.migration().unmapAndMove(cpu, page, fresh, true) != 0) {
            kernel.migration().putback(cpu, page);
        }
    }
}
