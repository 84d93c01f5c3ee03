package kemu.check.ksm;

import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.RwSem;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.MergedPages;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * Address spaces whose anonymous pages may be merged. Tasks store only to the first word of a page, which is never
 * zero: the explorer sees the others' comparisons of that word.
 */
final class KsmScene {
    static final long BASE = 0x7000_0000_0000L;
    static final int PAGE = PhysMem.PAGE_SIZE;

    private static final int MOST_TRIES = 4;

    private final Kernel kernel;
    private final Scene scene;

    KsmScene(Kernel kernel) {
        this.kernel = kernel;
        scene = new Scene(kernel);
    }

    Scene scene() {
        return scene;
    }

    /** An address space of some pages, each written with one of {@code values}. */
    long newMm(Cpu cpu, long... values) {
        long mm = kernel.mms().mmAlloc(cpu);
        long length = (long) values.length * PAGE;
        long rights = VmArea.VM_READ | VmArea.VM_WRITE;
        if (kernel.mmap().mmap(cpu, mm, BASE, length, rights, true, Cpu.NULL, 0) != BASE
                || kernel.mmap().madviseMergeable(cpu, mm, BASE, length, true) != 0) {
            throw new SceneBroken("mmap or madvise fails");
        }
        for (int i = 0; i < values.length; i++) {
            store(cpu, mm, i, values[i]);
        }
        // What waits in a pagevec has a reference more, and is not merged.
        kernel.lru().drain(cpu);
        return mm;
    }

    /** A write of user space to page {@code page}, with the fault that it takes. */
    void store(Cpu cpu, long mm, int page, long value) {
        if (kernel.userAccess().store64(cpu, mm, BASE + (long) page * PAGE, value) != 0) {
            throw new SceneBroken("a write to user memory fails");
        }
    }

    /** A read of user space: a violation unless page {@code page} holds {@code value}. */
    void holds(Cpu cpu, long mm, int page, long value) {
        if (kernel.userAccess().load64(cpu, mm, BASE + (long) page * PAGE, value) != 0) {
            throw new Violation(
                    FailureKind.USER_MEMORY,
                    "BUG: page " + page + " of mm 0x" + Long.toHexString(mm) + " holds 0x"
                            + Long.toHexString(kernel.userAccess().lastValue(cpu)) + " where 0x"
                            + Long.toHexString(value) + " was stored");
        }
    }

    /** madvise(MADV_DONTNEED) of the first page. */
    void zap(Cpu cpu, long mm) {
        if (kernel.mmap().madviseDontneed(cpu, mm, BASE, PAGE) != 0) {
            throw new SceneBroken("madvise fails");
        }
    }

    /** The page that {@code mm} maps as number {@code page}; NULL if none is there. */
    long page(Cpu cpu, long mm, int page) {
        long value = cpu.readOnce64(kernel.pageTable().find(cpu, mm, BASE + (long) page * PAGE));
        return Pte.present(value) ? kernel.pages().pageOf(Pte.frame(value)) : Cpu.NULL;
    }

    /** One round of ksmd over all pages: what it finds it remembers, what it knows it merges. */
    void round(Cpu cpu) {
        kernel.ksm().scan(cpu, Integer.MAX_VALUE);
    }

    /** Two rounds: equal pages that nobody writes to are one afterwards. */
    void merge(Cpu cpu) {
        round(cpu);
        round(cpu);
    }

    /** A premise of the scene: two pages are one, a KSM page. */
    void areOne(Cpu cpu, long one, long other) {
        if (one == Cpu.NULL || one != other || !MergedPages.isMerged(cpu, one)) {
            throw new SceneBroken("the pages are not merged");
        }
    }

    /** Reclaim of one page, until it is free: its contents are on disk. */
    void swapOut(Cpu cpu, long page) {
        for (int i = 0; i < MOST_TRIES; i++) {
            if (shrink(cpu, page)) {
                return;
            }
        }
        throw new SceneBroken("the page is not swapped out: " + Page.describe(cpu, page));
    }

    /** What shrink_inactive_list does with one page; true if it was freed. */
    boolean shrink(Cpu cpu, long page) {
        kernel.lru().drain(cpu);
        if (!kernel.lru().isolate(cpu, page)) {
            return false;
        }
        // It comes from an inactive list.
        Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
        return kernel.vmscan().shrinkPage(cpu, page);
    }

    /** The VMA of the first page. */
    long vma(Cpu cpu, long mm) {
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long vma = kernel.mms().findVma(cpu, mm, BASE);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return vma;
    }

    /** The end of the scene: all exit, and ksmd takes back what it keeps of them. */
    void end(Cpu cpu, long... mms) {
        for (long mm : mms) {
            scene.exit(cpu, mm);
        }
        kernel.ksm().settle(cpu);
    }
}
