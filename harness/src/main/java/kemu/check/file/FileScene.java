package kemu.check.file;

import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;
import kemu.mm.file.PageCache;
import kemu.mm.truncate.Truncate;
import kemu.mm.types.VmArea;

/**
 * A file of two pages, mapped privately or shared: page 0 keeps page tables and anon_vma in place, page 1 is what tasks
 * race for.
 */
final class FileScene {
    static final int PAGE = PhysMem.PAGE_SIZE;

    private static final long BASE = 0x7000_0000_0000L;
    /** Where page 1 is mapped. */
    static final long PAGE_1 = BASE + PAGE;

    private static final long AGAIN = BASE + 16L * PAGE;
    private static final long KEY = 42;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    private final Kernel kernel;
    final long mm;
    final long file;

    /** Built on {@code cpu}, with a mapping that is shared or private. */
    FileScene(Kernel kernel, Cpu cpu, boolean shared) {
        this.kernel = kernel;
        mm = kernel.mms().mmAlloc(cpu);
        file = kernel.files().open(cpu, KEY, 2 * PAGE);
        map(cpu, BASE, shared);
        store(cpu, BASE, 1);
    }

    private void map(Cpu cpu, long at, boolean shared) {
        long flags = shared ? RW | VmArea.VM_SHARED : RW;
        if (kernel.mmap().mmap(cpu, mm, at, 2 * PAGE, flags, true, file, 0) != at) {
            throw new SceneBroken("mmap fails");
        }
    }

    /** A write of user space, with the fault that it takes. */
    void store(Cpu cpu, long at, long value) {
        if (kernel.userAccess().store64(cpu, mm, at, value) != 0) {
            throw new SceneBroken("a write to user memory fails");
        }
    }

    /** Page 1 as it is in the cache, with a reference. */
    long readPage1(Cpu cpu) {
        return kernel.pageCache().findOrRead(cpu, file, 1);
    }

    /** What page 1 begins with, as long as nobody has written to it. */
    static long contents() {
        return PageCache.contentsOf(KEY, 1, 0);
    }

    /** Cuts page 1 off. */
    void truncate(Cpu cpu) {
        if (kernel.truncate().ftruncate(cpu, file, PAGE) != 0) {
            throw new SceneBroken("ftruncate fails");
        }
    }

    /** Makes a hole of page 1. */
    void punch(Cpu cpu) {
        int mode = Truncate.FALLOC_FL_PUNCH_HOLE | Truncate.FALLOC_FL_KEEP_SIZE;
        if (kernel.truncate().fallocate(cpu, file, mode, PAGE, PAGE) != 0) {
            throw new SceneBroken("fallocate fails");
        }
    }

    /** A violation unless the word at {@code at} is one of two. */
    void holds(Cpu cpu, long at, long value, long other) {
        int code = kernel.userAccess().load64(cpu, mm, at, value);
        long found = kernel.userAccess().lastValue(cpu);
        if (code != 0 && (code < 0 || found != other)) {
            throw new Violation(
                    FailureKind.USER_MEMORY,
                    "BUG: user memory at 0x" + Long.toHexString(at)
                            + (code < 0 ? " cannot be read: " + code : " holds 0x" + Long.toHexString(found)));
        }
    }

    /** A violation unless the file's page 1 begins with 0, for whoever maps it from here on. */
    void isHole(Cpu cpu) {
        map(cpu, AGAIN, true);
        holds(cpu, AGAIN + PAGE, 0, 0);
    }

    /** A violation unless page 1 is not mapped, and an access raises SIGBUS. */
    void isCutOff(Cpu cpu) {
        long pte = kernel.pageTable().find(cpu, mm, PAGE_1);
        long value = pte == Cpu.NULL ? 0 : cpu.readOnce64(pte);
        if (value != 0) {
            throw new Violation(
                    FailureKind.BEYOND_END,
                    "BUG: pte 0x" + Long.toHexString(value) + " beyond the end of the file at 0x"
                            + Long.toHexString(PAGE_1));
        }
        if (kernel.userAccess().load64(cpu, mm, PAGE_1, 0) != Faults.SIGBUS) {
            throw new Violation(FailureKind.BEYOND_END, "BUG: an access beyond the end of the file succeeds");
        }
    }

    /** The end of the scene. */
    void exit(Cpu cpu) {
        kernel.mms().mmput(cpu, mm);
        kernel.files().put(cpu, file);
    }
}
