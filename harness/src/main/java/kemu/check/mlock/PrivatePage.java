package kemu.check.mlock;

import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * A file of two pages, mapped privately: page 1 is the private copy that tasks race for, or is about to be copied. Page
 * 0 keeps the page tables in place.
 */
final class PrivatePage {
    static final int PAGE = PhysMem.PAGE_SIZE;

    private static final long BASE = 0x7000_0000_0000L;
    private static final long PAGE_1 = BASE + PAGE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    private final Kernel kernel;
    final long mm;
    private final long file;

    private PrivatePage(Kernel kernel, Cpu cpu) {
        this.kernel = kernel;
        mm = kernel.mms().mmAlloc(cpu);
        file = kernel.files().open(cpu, 42, 2 * PAGE);
        if (kernel.mmap().mmap(cpu, mm, BASE, 2 * PAGE, RW, true, file, 0) != BASE) {
            throw new SceneBroken("mmap fails");
        }
    }

    /** Built on {@code cpu}; both pages are written to. */
    static PrivatePage written(Kernel kernel, Cpu cpu) {
        PrivatePage page = new PrivatePage(kernel, cpu);
        for (long at : new long[] {BASE, PAGE_1}) {
            if (kernel.userAccess().store64(cpu, page.mm, at, 1) != 0) {
                throw new SceneBroken("a write to user memory fails");
            }
        }
        kernel.lru().drain(cpu);
        return page;
    }

    /** The same, mlocked and not written to: the pages are the file's, and the VMA has no anon_vma. */
    static PrivatePage readAndMlocked(Kernel kernel, Cpu cpu) {
        PrivatePage page = new PrivatePage(kernel, cpu);
        // Locked where it cannot be written to, else mlock() makes the copies.
        boolean locked = kernel.mmap().mprotect(cpu, page.mm, BASE, 2 * PAGE, VmArea.VM_READ) == 0
                && kernel.mlock().mlockDrained(cpu, page.mm, BASE, 2 * PAGE) == 0
                && kernel.mmap().mprotect(cpu, page.mm, BASE, 2 * PAGE, RW) == 0;
        if (!locked || kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK) != 2) {
            throw new SceneBroken("the pages of the file are not mlocked");
        }
        kernel.lru().drain(cpu);
        return page;
    }

    /** A write of user space to page 1, which makes the copy. */
    void write(Cpu cpu) {
        int code = kernel.faults().handleMmFault(cpu, mm, PAGE_1, true);
        if (code < 0 && code != Faults.SIGBUS) {
            throw new SceneBroken("the fault fails with " + code);
        }
    }

    /** The copy, with a reference. */
    long pinned(Cpu cpu) {
        long page = kernel.pages()
                .pageOf(Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, PAGE_1))));
        Page.get(cpu, page);
        return page;
    }

    /** Makes the VMA of page 1 one of its own, so that a race is not about splitting. */
    void split(Cpu cpu) {
        if (kernel.mmap().mprotect(cpu, mm, BASE, PAGE, VmArea.VM_READ) != 0) {
            throw new SceneBroken("mprotect fails");
        }
    }

    /** mlock() of page 1, but for the emptying of all pagevecs: no page waits in any. A hole is no error. */
    void mlock(Cpu cpu) {
        int error = kernel.mlock().mlockDrained(cpu, mm, PAGE_1, PAGE);
        if (error != 0 && error != Errno.ENOMEM) {
            throw new SceneBroken("mlock fails with " + error);
        }
    }

    /** munlock() of page 1. */
    void munlock(Cpu cpu) {
        if (kernel.mlock().munlock(cpu, mm, PAGE_1, PAGE) != 0) {
            throw new SceneBroken("munlock fails");
        }
    }

    /** The VMA of page 1 is locked, its page not mlocked. */
    void lockLazily(Cpu cpu) {
        kernel.mms().lockLazily(cpu, kernel.mms().findVma(cpu, mm, PAGE_1));
    }

    /** Cuts page 1 off. */
    void truncate(Cpu cpu) {
        if (kernel.truncate().ftruncate(cpu, file, PAGE) != 0) {
            throw new SceneBroken("ftruncate fails");
        }
    }

    /** A violation unless page 1, which was cut off, is mapped no more. */
    void isCutOff(Cpu cpu) {
        long pte = kernel.pageTable().find(cpu, mm, PAGE_1);
        if (pte != Cpu.NULL && cpu.readOnce64(pte) != 0) {
            throw new Violation(FailureKind.BEYOND_END, "BUG: a private copy beyond the end of the file survives");
        }
    }

    /** The end of the scene: a violation if a page was freed with PG_mlocked by a kernel that only counts that. */
    void exit(Cpu cpu) {
        kernel.mms().mmput(cpu, mm);
        kernel.files().put(cpu, file);
        long freed = kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED);
        if (freed != 0) {
            throw new Violation(
                    FailureKind.BAD_PAGE_STATE,
                    "BUG: unevictable_pgs_mlockfreed is " + freed + ": a page was freed with PG_mlocked");
        }
    }
}
