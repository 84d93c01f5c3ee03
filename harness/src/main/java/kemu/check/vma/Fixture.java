package kemu.check.vma;

import java.util.List;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.types.VmArea;
import kemu.mm.vma.lookup.VmaLookups;

/** Calls that scenes of address spaces are built from; each breaks the scene if it fails. */
public final class Fixture {
    /** Where the first page is. */
    public static final long BASE = 0x7000_0000_0000L;
    /** Bytes of a page. */
    public static final int PAGE = PhysMem.PAGE_SIZE;
    /** May be read. */
    public static final long READ = VmArea.VM_READ;
    /** May be read and written. */
    public static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    /** May be all. */
    public static final long RWX = RW | VmArea.VM_EXEC;

    private Fixture() {}

    /** {@code variants}, some of which are lookups of VMAs, then the lookups of other authors. */
    public static List<String> withForeign(String... variants) {
        return OwnVariants.withForeign(List.of(variants), VmaLookups.foreign());
    }

    /** Maps {@code pages} pages of anonymous memory. */
    public static void map(Kernel kernel, Cpu cpu, long mm, long at, int pages, long rights) {
        if (kernel.mmap().mmap(cpu, mm, at, (long) pages * PAGE, rights, true, Cpu.NULL, 0) != at) {
            throw new SceneBroken("mmap fails");
        }
    }

    /** Unmaps {@code pages} pages. */
    public static void unmap(Kernel kernel, Cpu cpu, long mm, long at, int pages) {
        if (kernel.mmap().munmap(cpu, mm, at, (long) pages * PAGE) != 0) {
            throw new SceneBroken("munmap fails");
        }
    }

    /** Changes the rights of pages. */
    public static void protect(Kernel kernel, Cpu cpu, long mm, long at, int pages, long rights) {
        if (kernel.mmap().mprotect(cpu, mm, at, (long) pages * PAGE, rights) != 0) {
            throw new SceneBroken("mprotect fails");
        }
    }

    /** A write of user space, with the fault that it takes. */
    public static void write(Kernel kernel, Cpu cpu, long mm, long at, long value) {
        if (kernel.userAccess().store64(cpu, mm, at, value) != 0) {
            throw new SceneBroken("a write to user memory fails");
        }
    }

    /** A read of user space, with the fault that it takes. */
    public static void read(Kernel kernel, Cpu cpu, long mm, long at) {
        if (kernel.userAccess().load64(cpu, mm, at, 0) < 0) {
            throw new SceneBroken("a read of user memory fails");
        }
    }

    /** What a read of user space returns, with the fault that it takes. */
    public static long value(Kernel kernel, Cpu cpu, long mm, long at) {
        read(kernel, cpu, mm, at);
        return kernel.userAccess().lastValue(cpu);
    }

    /** Fails unless the word at {@code at} is {@code stamp}; {@code who} looks at it. */
    public static void expect(Kernel kernel, Cpu cpu, long mm, long at, long stamp, String who) {
        long value = value(kernel, cpu, mm, at);
        if (value != stamp) {
            throw new Violation(
                    FailureKind.USER_MEMORY,
                    "BUG: user memory of mm 0x" + Long.toHexString(mm) + " at 0x" + Long.toHexString(at) + ": " + who
                            + " reads " + value + " where it must be " + stamp);
        }
    }

    /** Leaves free pages and objects on the CPU's own lists, so that the race is not about those of all. */
    public static void warm(Kernel kernel, Cpu cpu, long mm) {
        map(kernel, cpu, mm, BASE + 64 * PAGE, 1, RW);
        write(kernel, cpu, mm, BASE + 64 * PAGE, 1);
        unmap(kernel, cpu, mm, BASE + 64 * PAGE, 1);
    }

    /**
     * An mm of two users with one page of its own and an anon_vma at {@code BASE}, where the page table comes from that
     * stays. Left is a gap of a page; the second user's exit is the scene's last one.
     */
    public static long threads(Kernel kernel, Cpu cpu) {
        long mm = kernel.mms().mmAlloc(cpu);
        kernel.mms().mmget(cpu, mm);
        map(kernel, cpu, mm, BASE, 1, RW);
        write(kernel, cpu, mm, BASE, 1);
        return mm;
    }

    /** A task of the race that is a thread of {@code mm} and has done {@code before} before. */
    static void thread(Kernel kernel, int on, String name, long mm, TaskBody before, TaskBody body) {
        Cpu cpu = kernel.machine().cpu(on);
        TaskBody thread = itself -> {
            body.run(itself);
            Task.MM.writeOnce(itself, Sched.current(itself), Cpu.NULL);
        };
        long task = Sched.of(kernel.machine()).spawn(cpu, thread, on, name, 0);
        Task.MM.writeOnce(cpu, task, mm);
        long current = Sched.current(cpu);
        Area.CURRENT.set(cpu, cpu.area(), task);
        before.run(cpu);
        Area.CURRENT.set(cpu, cpu.area(), current);
    }

    /** The end of {@link #threads}. */
    public static void exit(Kernel kernel, Cpu cpu, long mm) {
        kernel.mms().mmput(cpu, mm);
        kernel.mms().mmput(cpu, mm);
    }
}
