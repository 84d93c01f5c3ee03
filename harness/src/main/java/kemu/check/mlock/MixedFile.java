package kemu.check.mlock;

import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;

/**
 * The memory of {@link MlockMix}: a file of a few pages with an end, which each process maps shared and privately, and
 * anonymous pages, one for each thread. A word of each page is zero, or a value that says which page it was written to.
 */
final class MixedFile {
    /** Parts of the memory of a process. */
    static final int ANONYMOUS_PART = 0, PRIVATE_PART = 1, SHARED_PART = 2;

    static final int PAGE = PhysMem.PAGE_SIZE;
    /** Pages of the file when it is new, and at most. */
    static final int PAGES = 4;
    /** The first of them that are mapped privately, and copied; the others are written to through shared mappings. */
    static final int COPIED = 2;

    private static final long BASE = 0x7000_0000_0000L;
    private static final long PRIVATE = BASE + 8L * PAGE;
    private static final long SHARED = BASE + 16L * PAGE;
    /** Keeps the page table, which all of it is in. */
    private static final long KEEPER = BASE + 24L * PAGE;

    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final long KEY = 42;
    /** A word that is zero in a new file. */
    private static final long WORD = 16 * 8;

    private static final int WARMTH = 2;

    private final Kernel kernel;
    private final long file;
    private final long[] mms;

    /** Built on {@code cpu}. */
    MixedFile(Kernel kernel, Cpu cpu, int processes) {
        this.kernel = kernel;
        file = kernel.files().open(cpu, KEY, (long) PAGES * PAGE);
        mms = new long[processes];
        for (int i = 0; i < processes; i++) {
            mms[i] = kernel.mms().mmAlloc(cpu);
            map(cpu, mms[i], KEEPER, 1, 0, Cpu.NULL, 0);
            map(cpu, mms[i], BASE, PAGES, 0, Cpu.NULL, 0);
            map(cpu, mms[i], PRIVATE, COPIED, 0, file, 0);
            map(cpu, mms[i], SHARED, PAGES, VmArea.VM_SHARED, file, 0);
            for (long at : new long[] {KEEPER, BASE, PRIVATE, PRIVATE + PAGE, SHARED + 2L * PAGE}) {
                store(cpu, i, at);
            }
        }
        kernel.lru().drain(cpu);
    }

    Kernel kernel() {
        return kernel;
    }

    long file() {
        return file;
    }

    long mm(int process) {
        return mms[process];
    }

    /**
     * True if page {@code page} of {@code part} is written to. The kernel copies a page word by word while another
     * process may write to it, which is a data race, if a harmless one: so no page is written to in both ways.
     */
    static boolean written(int part, int page) {
        return part != SHARED_PART || page >= COPIED;
    }

    /** How many pages {@code part} has. */
    static int pages(int part) {
        return part == PRIVATE_PART ? COPIED : PAGES;
    }

    /** Address of page {@code page} of {@code part}. */
    static long at(int part, int page) {
        return BASE + (8L * part + page) * PAGE;
    }

    /** Leaves free pages on the CPU's own list, so that the race is not about those of all. */
    void warm(Cpu cpu, int process) {
        long at = KEEPER + 2L * PAGE;
        map(cpu, mms[process], at, WARMTH, 0, Cpu.NULL, 0);
        for (int page = 0; page < WARMTH; page++) {
            store(cpu, process, at + (long) page * PAGE);
        }
        if (kernel.mmap().munmap(cpu, mms[process], at, (long) WARMTH * PAGE) != 0) {
            throw new SceneBroken("munmap fails");
        }
        kernel.lru().drain(cpu);
    }

    private void map(Cpu cpu, long mm, long at, int pages, long flags, long of, long offset) {
        if (kernel.mmap().mmap(cpu, mm, at, (long) pages * PAGE, RW | flags, true, of, offset) != at) {
            throw new SceneBroken("mmap fails");
        }
    }

    /** Unmaps pages of {@code part} and maps them anew. */
    void remap(Cpu cpu, int process, int part, int page, int pages) {
        long at = at(part, page);
        if (kernel.mmap().munmap(cpu, mms[process], at, (long) pages * PAGE) != 0) {
            throw new SceneBroken("munmap fails");
        }
        long flags = part == SHARED_PART ? VmArea.VM_SHARED : 0;
        map(cpu, mms[process], at, pages, flags, part == ANONYMOUS_PART ? Cpu.NULL : file, page);
    }

    /** Which page of its part {@code at} is. */
    private static long value(long at) {
        return 0x700_0000L | at - BASE >> PhysMem.PAGE_SHIFT & 7;
    }

    /** A write of user space, which another thread's munmap or truncation may refuse. */
    void store(Cpu cpu, int process, long at) {
        storeTo(cpu, mms[process], at);
    }

    void storeTo(Cpu cpu, long mm, long at) {
        check(at, kernel.userAccess().store64(cpu, mm, at + WORD, value(at)));
    }

    /** A read of user space, which may be refused as well. */
    void load(Cpu cpu, int process, long at) {
        loadFrom(cpu, mms[process], at);
    }

    void loadFrom(Cpu cpu, long mm, long at) {
        int status = kernel.userAccess().load64(cpu, mm, at + WORD, value(at));
        boolean wrong = status == 1 && kernel.userAccess().lastValue(cpu) != 0;
        if (wrong) {
            throw violation(
                    at, "holds 0x" + Long.toHexString(kernel.userAccess().lastValue(cpu)));
        }
        check(at, status);
    }

    private static void check(long at, int status) {
        if (status < 0 && status != Faults.SIGBUS && status != Faults.SIGSEGV) {
            throw violation(at, "access fails with " + status);
        }
    }

    private static Violation violation(long at, String what) {
        return new Violation(FailureKind.USER_MEMORY, "BUG: user memory at 0x" + Long.toHexString(at) + " " + what);
    }

    /** The page mapped at {@code at}, with a reference; NULL if none is. */
    long pinned(Cpu cpu, int process, long at) {
        long pte = kernel.pageTable().find(cpu, mms[process], at);
        long lock = kernel.pageTable().lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        long page = Pte.present(value) && (value & Pte.SPECIAL) == 0
                ? kernel.pages().pageOf(Pte.frame(value))
                : Cpu.NULL;
        if (page != Cpu.NULL) {
            Page.get(cpu, page);
        }
        SpinLock.unlock(cpu, lock);
        return page;
    }

    /** A violation unless all shared mappings hold the same, and private ones what was written there. */
    void agree(Cpu cpu) {
        for (int page = 0; page < PAGES; page++) {
            long first = found(cpu, 0, page);
            for (int process = 0; process < mms.length; process++) {
                if (found(cpu, process, page) != first) {
                    throw violation(at(SHARED_PART, page), "is not the same in all processes");
                }
                load(cpu, process, at(ANONYMOUS_PART, page));
                load(cpu, process, at(PRIVATE_PART, Math.min(page, COPIED - 1)));
            }
        }
    }

    private long found(Cpu cpu, int process, int page) {
        int status = kernel.userAccess().load64(cpu, mms[process], at(SHARED_PART, page) + WORD, 0);
        return status < 0 ? status : kernel.userAccess().lastValue(cpu);
    }

    /** The end of the scene. */
    void exit(Cpu cpu) {
        for (long mm : mms) {
            kernel.mms().mmput(cpu, mm);
        }
        kernel.truncate().ftruncate(cpu, file, 0);
        kernel.files().put(cpu, file);
    }
}
