package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.SplittableRandom;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * What one thread of {@link ThreadMix} does. Of its own pages it knows what they hold and what is refused there; a
 * common page holds nothing, or what a thread of this mm wrote. A child has what was there when it was forked, and
 * nobody sees what it writes. Whoever's page is reclaimed, its contents are as before.
 */
final class MixedCalls {
    /** Pages that all threads use. */
    private static final int COMMON = 5;
    /** Pages of each thread. */
    private static final int OWN = 2;

    /** The mapping that the scene begins with: common pages, then those of three threads. */
    static final int ALL_PAGES = COMMON + 3 * OWN;
    /** A value of this mm, there before the threads begin. */
    static final long FIRST = 0xc0_0000L;

    private static final long CHILDS = 0xf0_0000L;
    private static final long VALUES = 0xff_0000L;
    /** Where pages are moved to; the scene has the page table. */
    private static final long AWAY = BASE + 32L * PAGE;

    private final Kernel kernel;
    private final long mm;
    private final int thread;
    private final SplittableRandom random;
    private final long[] values = new long[OWN];
    private int serial;

    MixedCalls(Kernel kernel, long mm, int thread, SplittableRandom random) {
        this.kernel = kernel;
        this.mm = mm;
        this.thread = thread;
        this.random = random;
        for (int page = 0; page < OWN; page++) {
            values[page] = (COMMON + thread * OWN + page) % 2 == 0 ? FIRST : 0;
        }
    }

    /** Makes one call, drawn by lot. */
    void next(Cpu cpu) {
        int page = random.nextInt(OWN);
        switch (random.nextInt(17)) {
            case 0 -> write(cpu, page);
            case 1 -> replace(cpu, page);
            case 2 -> protect(cpu, page);
            case 3 -> remap(cpu, page);
            case 4 -> move(cpu, page);
            case 5 -> drop(cpu, page);
            case 6, 7 -> fork(cpu, page);
            case 8, 9, 10 -> PageOut.page(kernel, cpu, mm, BASE + (long) random.nextInt(ALL_PAGES) * PAGE);
            default -> common(cpu);
        }
        for (int i = 0; i < OWN; i++) {
            holds(cpu, mm, own(i), values[i]);
        }
    }

    private long own(int page) {
        return BASE + (long) (COMMON + thread * OWN + page) * PAGE;
    }

    private long nextValue() {
        return FIRST | (thread + 1L) << 8 | ++serial;
    }

    // ---- own pages ------------------------------------------------------------------------------------------------

    private void write(Cpu cpu, int page) {
        values[page] = nextValue();
        works(kernel.userAccess().store64(cpu, mm, own(page), values[page]), "a write");
    }

    private void replace(Cpu cpu, int page) {
        map(cpu, own(page), 1);
        values[page] = 0;
        holds(cpu, mm, own(page), 0);
        write(cpu, page);
    }

    private void map(Cpu cpu, long at, int pages) {
        Fixture.map(kernel, cpu, mm, at, pages, Fixture.RW);
    }

    private void protect(Cpu cpu, int page) {
        works(kernel.mmap().mprotect(cpu, mm, own(page), PAGE, VmArea.VM_READ), "mprotect");
        refused(kernel.userAccess().store64(cpu, mm, own(page), 1), "a write to what may only be read");
        holds(cpu, mm, own(page), values[page]);
        works(kernel.mmap().mprotect(cpu, mm, own(page), PAGE, Fixture.RW), "mprotect");
        write(cpu, page);
    }

    private void remap(Cpu cpu, int page) {
        Fixture.unmap(kernel, cpu, mm, own(page), 1);
        refused(kernel.userAccess().load64(cpu, mm, own(page), 0), "a read of what is not mapped");
        map(cpu, own(page), 1);
        values[page] = 0;
    }

    private void move(Cpu cpu, int page) {
        long away = AWAY + 2L * thread * PAGE;
        moved(kernel.mmap().mremap(cpu, mm, own(page), PAGE, PAGE, true, away), away);
        refused(kernel.userAccess().load64(cpu, mm, own(page), 0), "a read of what was moved away");
        holds(cpu, mm, away, values[page]);
        moved(kernel.mmap().mremap(cpu, mm, away, PAGE, PAGE, true, own(page)), own(page));
    }

    private static void moved(long to, long wanted) {
        if (to != wanted) {
            throw new SceneBroken("mremap returns " + to);
        }
    }

    private void drop(Cpu cpu, int page) {
        works(kernel.mmap().madviseDontneed(cpu, mm, own(page), PAGE), "madvise");
        values[page] = 0;
    }

    private void fork(Cpu cpu, int page) {
        long child = kernel.mms().dupMm(cpu, mm);
        if (child == Cpu.NULL) {
            throw new SceneBroken("fork fails");
        }
        long then = values[page];
        write(cpu, page);
        holds(cpu, child, own(page), then);
        works(kernel.userAccess().store64(cpu, child, own(page), CHILDS), "a write of the child");
        long at = anyCommon();
        if (kernel.userAccess().store64(cpu, child, at, CHILDS) == 0) {
            holds(cpu, child, at, CHILDS);
        }
        kernel.mms().mmput(cpu, child);
    }

    private static void works(int status, String what) {
        if (status != 0) {
            throw new Violation(
                    FailureKind.USER_MEMORY, "BUG: " + what + " of memory that is there fails with " + status);
        }
    }

    private static void refused(int status, String what) {
        if (status != Faults.SIGSEGV) {
            throw new Violation(FailureKind.USER_MEMORY, "BUG: " + what + " works, or fails otherwise: " + status);
        }
    }

    private void holds(Cpu cpu, long space, long at, long value) {
        int status = kernel.userAccess().load64(cpu, space, at, value);
        if (status != 0) {
            String found = status < 0
                    ? "fails with " + status
                    : "holds 0x" + Long.toHexString(kernel.userAccess().lastValue(cpu));
            throw new Violation(
                    FailureKind.USER_MEMORY,
                    "BUG: memory of one thread at 0x" + Long.toHexString(at) + " " + found + " instead of 0x"
                            + Long.toHexString(value));
        }
    }

    // ---- common pages ---------------------------------------------------------------------------------------------

    private long anyCommon() {
        return BASE + (long) random.nextInt(COMMON) * PAGE;
    }

    private void common(Cpu cpu) {
        long at = anyCommon();
        int pages = 1 + random.nextInt((int) Math.min(2, (BASE + (long) COMMON * PAGE - at) / PAGE));
        switch (random.nextInt(8)) {
            case 0 -> map(cpu, at, pages);
            case 1 -> Fixture.unmap(kernel, cpu, mm, at, pages);
            case 2 -> kernel.mmap().mprotect(cpu, mm, at, (long) pages * PAGE, VmArea.VM_READ);
            case 3 -> kernel.mmap().mprotect(cpu, mm, at, (long) pages * PAGE, Fixture.RW);
            case 4 -> kernel.mmap().madviseDontneed(cpu, mm, at, (long) pages * PAGE);
            case 5 -> moveCommon(cpu, at);
            default -> accessCommon(cpu, at, pages);
        }
    }

    private void moveCommon(Cpu cpu, long at) {
        long to = anyCommon();
        long result = kernel.mmap().mremap(cpu, mm, at, PAGE, PAGE, true, to);
        if (result != to && result != Errno.EFAULT && result != Errno.EINVAL) {
            throw new SceneBroken("mremap returns " + result);
        }
    }

    private void accessCommon(Cpu cpu, long at, int pages) {
        for (int page = 0; page < pages; page++) {
            long address = at + (long) page * PAGE;
            int status = random.nextInt(3) == 0
                    ? kernel.userAccess().load64(cpu, mm, address, 0)
                    : kernel.userAccess().store64(cpu, mm, address, nextValue());
            long found = status > 0 ? kernel.userAccess().lastValue(cpu) : FIRST;
            if (status < 0 && status != Faults.SIGSEGV || (found & VALUES) != FIRST) {
                throw new Violation(
                        FailureKind.USER_MEMORY,
                        "BUG: memory of all threads at 0x" + Long.toHexString(address) + " "
                                + (status < 0 ? "fails with " + status : "holds 0x" + Long.toHexString(found)));
            }
        }
    }
}
