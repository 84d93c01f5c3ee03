package kemu.workload;

import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.mm.types.VmArea;

/**
 * Memory that all threads of a process map, protect, move and write at the same time: each call and each access may
 * find that somebody was faster. What a page holds can still be wrong: a value that nobody wrote, or that was written
 * in a process that this one does not descend from.
 */
final class CommonRange {
    private static final long BASE = 0x7e00_0000_0000L;
    private static final int PAGE = UserProgram.pageSize();
    private static final long FILE = 0x7468_7265_6164L;
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int MOST_AT_ONCE = 8;

    private final Syscalls syscalls;
    private final int pages;
    /** Whose values may be here: of this process, and of those that it descends from. */
    private final int id;

    private final CommonRange parent;

    /** Of a process whose values carry {@code id}, and that descends from none. */
    CommonRange(Syscalls syscalls, int pages, int id) {
        this(syscalls, pages, id, null);
    }

    private CommonRange(Syscalls syscalls, int pages, int id, CommonRange parent) {
        this.syscalls = syscalls;
        this.pages = pages;
        this.id = id;
        this.parent = parent;
    }

    /** Of a child, forked now, whose values carry {@code child}. */
    CommonRange forked(int child) {
        return new CommonRange(syscalls, pages, child, this);
    }

    /** Makes {@code call} somewhere in the range; false if the program cannot go on. */
    boolean call(Cpu cpu, UserProgram user, SplittableRandom random, ThreadStorm.Call call) {
        long at = BASE + (long) random.nextInt(pages) * PAGE;
        long length = (1L + random.nextInt(MOST_AT_ONCE)) * PAGE;
        switch (call) {
            case FAULTS -> {
                return access(cpu, user, random, at, length);
            }
            case MMAP -> {
                boolean file = random.nextInt(4) == 0;
                return syscalls.mmap(cpu, at, length, READ_WRITE, true, file ? FILE : 0, 0) == at;
            }
            case MUNMAP -> {
                return syscalls.munmap(cpu, at, length) == 0;
            }
            case MPROTECT -> syscalls.mprotect(cpu, at, length, random.nextBoolean() ? READ_WRITE : VmArea.VM_READ);
            case MADVISE -> syscalls.madviseDontneed(cpu, at, length);
            case MREMAP -> syscalls.mremap(cpu, at, length, length, BASE + (long) random.nextInt(pages) * PAGE);
            case FORK -> {
                return true;
            }
            default -> throw new IllegalStateException("no such call: " + call);
        }
        return true;
    }

    boolean access(Cpu cpu, UserProgram user, SplittableRandom random, long at, long length) {
        boolean alive = true;
        for (long page = at; page < at + length && alive; page += PAGE) {
            alive = random.nextInt(3) == 0
                    ? user.tryRead(cpu, page, this::mayBeThere)
                    : user.tryWrite(cpu, page, value(id, random.nextInt(1 << 16)));
        }
        return alive;
    }

    private static long value(int id, int serial) {
        long mixed = (id * 0x9e37_79b9L + serial) * 0x85eb_ca6bL;
        return (long) id << 32 | (long) serial << 16 | mixed >>> 13 & 0xffff;
    }

    private boolean mayBeThere(long value) {
        int by = (int) (value >>> 32);
        return value == 0 || descendsFrom(by) && value == value(by, (int) (value >>> 16) & 0xffff);
    }

    private boolean descendsFrom(int ancestor) {
        CommonRange at = this;
        while (at != null && at.id != ancestor) {
            at = at.parent;
        }
        return at != null;
    }
}
