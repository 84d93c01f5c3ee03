package kemu.check.walk;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;
import static kemu.check.vma.Fixture.RW;

import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.slab.Failslab;
import kemu.mm.uapi.Errno;

/** The scene of mremap against a walk: one page, in a VMA that moves. */
final class MovedPte {
    private static final long AWAY = BASE + 64 * PAGE;

    /** Where the page goes. */
    enum Into {
        /** A new VMA, last on the list of the anon_vma. */
        NEW_VMA,
        /** An older one that grows, first on the list: the VMA was cut off it and moved away, and comes back. */
        OLDER_VMA,
        /** The same, but memory for the next page table is out, and it goes back. */
        AND_BACK
    }

    private MovedPte() {}

    /** Builds it; {@code walk} is the walk, on CPU 0. */
    static Consumer<Cpu> build(Kernel kernel, Into into, Walk walk) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        boolean back = into == Into.AND_BACK;
        // The last page of a table, if the next one is not to be had.
        long at = BASE + (back ? PageTable.PMD_SIZE - PAGE : PAGE);
        int moved = back ? 2 : 1;
        long mm = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, mm, at - PAGE, 1 + moved, RW);
        for (int i = -1; i < moved; i++) {
            Fixture.write(kernel, boot, mm, at + (long) i * PAGE, 1);
        }
        long bytes = (long) moved * PAGE;
        long from = at;
        long to = AWAY;
        if (into != Into.NEW_VMA) {
            if (kernel.mmap().mremap(boot, mm, at, bytes, bytes, true, AWAY) != AWAY) {
                throw new SceneBroken("mremap fails");
            }
            from = AWAY;
            to = at;
        }
        if (back && kernel.pageTable().find(boot, mm, at + PAGE) != Cpu.NULL) {
            throw new SceneBroken("the next page table is there");
        }
        long page = kernel.pages()
                .pageOf(Pte.frame(boot.readOnce64(kernel.pageTable().find(boot, mm, from))));
        Page.get(boot, page);
        if (back) {
            Failslab failures = new Failslab(scene.word(boot));
            failures.failOne(boot);
            kernel.pageTable().failAs(failures);
        }
        long source = from;
        long target = to;
        long result = back ? Errno.ENOMEM : target;
        scene.task(0, "migrate", cpu -> walk.of(cpu, page));
        scene.task(1, "mremap", cpu -> {
            if (kernel.mmap().mremap(cpu, mm, source, bytes, bytes, true, target) != result) {
                throw new SceneBroken("mremap does not end with " + result);
            }
        });
        return cpu -> {
            kernel.pages().putPage(cpu, page);
            scene.exit(cpu, mm);
        };
    }

    /** A walk of {@code page}. */
    @FunctionalInterface
    interface Walk {
        /** Walks. */
        void of(Cpu cpu, long page);
    }
}
