package kemu.workload;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import kemu.hw.cpu.Cpu;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * Memory that one thread maps, protects, moves and writes while other threads do so elsewhere in the same address
 * space. Nobody else touches it, so the thread knows what each page holds and which accesses must be refused.
 */
final class OwnRange {
    private static final int PAGE = UserProgram.pageSize();
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int MOST_AT_ONCE = 8;
    /** Pages that one {@link #sweep} reads. */
    private static final int SWEPT = 64;
    /** The call was made, or the thread cannot go on: memory is out, or it was killed. */
    private static final boolean OUT = false;

    private final long base;
    private final Syscalls syscalls;
    private final Contents contents;
    /** What each page holds; meaningless where none is mapped. */
    private final long[] values;
    /** VM_ bits of each page, 0 where none is mapped. */
    private final long[] rights;
    /** Whether somebody locks pages, which keeps madvise from dropping them. */
    private boolean mayBeLocked;

    /** All contents differ. */
    OwnRange(long base, int pages, Syscalls syscalls) {
        this(base, pages, Contents.DIFFERENT, syscalls);
    }

    OwnRange(long base, int pages, Contents contents, Syscalls syscalls) {
        this(base, syscalls, contents, new long[pages], new long[pages]);
    }

    private OwnRange(long base, Syscalls syscalls, Contents contents, long[] values, long[] rights) {
        this.base = base;
        this.syscalls = syscalls;
        this.contents = contents;
        this.values = values;
        this.rights = rights;
    }

    /** Bytes of address space that a range of {@code pages} pages needs: itself, where it is moved to, and holes. */
    static long spaceFor(int pages) {
        return 2L * (pages + 1) * PAGE;
    }

    /** What a child knows that is forked now. */
    OwnRange forked() {
        OwnRange child = new OwnRange(
                base, syscalls, contents, Arrays.copyOf(values, values.length), Arrays.copyOf(rights, rights.length));
        child.mayBeLocked = mayBeLocked;
        return child;
    }

    /** This range, of which other threads may lock pages. */
    OwnRange mayBeLocked() {
        mayBeLocked = true;
        return this;
    }

    /** Maps all of the range and writes to every page, unless the workload ends; false if the program cannot go on. */
    boolean fill(Cpu cpu, UserProgram user, SplittableRandom random, BooleanSupplier ends) {
        boolean alive = map(cpu, 0, values.length);
        for (int page = 0; page < values.length && alive && !ends.getAsBoolean(); page++) {
            alive = access(cpu, user, page, true, contents.any(random));
        }
        return alive;
    }

    /** Makes {@code call} somewhere in the range and checks what it does; false if the program cannot go on. */
    boolean call(Cpu cpu, UserProgram user, SplittableRandom random, ThreadStorm.Call call) {
        int from = random.nextInt(values.length);
        int to = Math.min(values.length, from + 1 + random.nextInt(MOST_AT_ONCE));
        return switch (call) {
            case FAULTS -> access(cpu, user, random, from, to);
            case MMAP -> map(cpu, from, to) && access(cpu, user, random, from, to);
            case MUNMAP -> unmap(cpu, from, to) && access(cpu, user, random, from, Math.min(to, from + 2));
            case MPROTECT -> protect(cpu, user, random, from, to) && access(cpu, user, random, from, to);
            case MADVISE -> dontNeed(cpu, user, from, to) && access(cpu, user, random, from, to);
            case MREMAP -> moveAndBack(cpu, user, from, to);
            case FORK -> true;
        };
    }

    /** How many pages it has, mapped or not. */
    int pages() {
        return values.length;
    }

    /** Address of page {@code page}. */
    long at(int page) {
        return base + (long) page * PAGE;
    }

    /** What its pages hold. */
    Contents contents() {
        return contents;
    }

    /** Where as many pages as the range has can be for a while, mapped one by one as in the range. */
    long away(int page) {
        return at(page) + (long) (values.length + 1) * PAGE;
    }

    /** What page {@code page} holds, if it is mapped. */
    long value(int page) {
        return values[page];
    }

    /** True if page {@code page} is mapped and may be accessed so. */
    boolean allows(int page, boolean write) {
        return (rights[page] & (write ? VmArea.VM_WRITE : VmArea.VM_READ)) != 0;
    }

    /** Writes or reads each page, as its rights allow. */
    private boolean access(Cpu cpu, UserProgram user, SplittableRandom random, int from, int to) {
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            boolean write = random.nextInt(4) != 0;
            alive = access(cpu, user, page, write, contents.any(random));
        }
        return alive;
    }

    private boolean access(Cpu cpu, UserProgram user, int page, boolean write, long value) {
        if (!allows(page, write)) {
            return user.denied(cpu, at(page), write);
        }
        return write ? write(cpu, user, page, value) : read(cpu, user, page);
    }

    /** Writes page {@code page}, which may be written. False if the program cannot go on; so does {@link #read}. */
    boolean write(Cpu cpu, UserProgram user, int page, long value) {
        boolean alive = user.replace(cpu, at(page), values[page], value);
        if (user.lost()) {
            return renew(cpu, page) && write(cpu, user, page, value);
        }
        values[page] = value;
        return alive;
    }

    /** Reads page {@code page}, which may be read; if its memory has failed it is empty then, and may be written. */
    boolean read(Cpu cpu, UserProgram user, int page) {
        boolean alive = user.holds(cpu, at(page), values[page]);
        return user.lost() ? renew(cpu, page) : alive;
    }

    /** madvise(MADV_DONTNEED) of page {@code page}, which is mapped. False if the program cannot go on. */
    boolean giveUp(Cpu cpu, UserProgram user, int page) {
        return dontNeed(cpu, user, page, page + 1);
    }

    /** The contents of page {@code from} were moved to page {@code to}. */
    void moved(int from, int to) {
        values[to] = values[from];
        values[from] = 0;
    }

    /** Page {@code page} was taken out of its place, which is empty, and got lost. */
    boolean lose(int page) {
        values[page] = 0;
        return true;
    }

    /** The same, but it is where it was taken to, and is copied from there. False if the program cannot go on. */
    boolean copyBack(Cpu cpu, UserProgram user, int page) {
        boolean alive = user.holds(cpu, away(page), values[page]);
        if (alive && user.lost()) {
            return lose(page);
        }
        long value = values[page];
        values[page] = 0;
        return alive && write(cpu, user, page, value);
    }

    /** Maps another page in place of one that is lost. */
    private boolean renew(Cpu cpu, int page) {
        return map(cpu, page, page + 1);
    }

    /** Reads every page that is mapped. */
    boolean verify(Cpu cpu, UserProgram user) {
        return verify(cpu, user, 0, values.length);
    }

    /** Reads many pages that are mapped, one after the other. */
    boolean sweep(Cpu cpu, UserProgram user, SplittableRandom random) {
        int from = random.nextInt(values.length);
        return verify(cpu, user, from, Math.min(values.length, from + SWEPT));
    }

    /** The same of pages {@code from} to {@code to}. */
    boolean verify(Cpu cpu, UserProgram user, int from, int to) {
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            alive = rights[page] == 0 || read(cpu, user, page);
        }
        return alive;
    }

    private boolean map(Cpu cpu, int from, int to) {
        long length = (long) (to - from) * PAGE;
        if (syscalls.mmap(cpu, at(from), length, READ_WRITE, true, 0, 0) != at(from)) {
            return OUT;
        }
        Arrays.fill(values, from, to, 0);
        Arrays.fill(rights, from, to, READ_WRITE);
        return true;
    }

    private boolean unmap(Cpu cpu, int from, int to) {
        if (syscalls.munmap(cpu, at(from), (long) (to - from) * PAGE) != 0) {
            return OUT;
        }
        Arrays.fill(rights, from, to, 0);
        return true;
    }

    /** The first page that is not mapped, or {@code to}. */
    int hole(int from, int to) {
        int page = from;
        while (page < to && rights[page] != 0) {
            page++;
        }
        return page;
    }

    private boolean protect(Cpu cpu, UserProgram user, SplittableRandom random, int from, int to) {
        long flags = random.nextBoolean() ? READ_WRITE : VmArea.VM_READ;
        int hole = hole(from, to);
        int status = syscalls.mprotect(cpu, at(from), (long) (to - from) * PAGE, flags);
        if (hole == to && status == Errno.ENOMEM) {
            return OUT;
        }
        Arrays.fill(rights, from, hole, flags);
        return user.returned(cpu, "mprotect", status, hole == to ? 0 : Errno.ENOMEM);
    }

    private boolean dontNeed(Cpu cpu, UserProgram user, int from, int to) {
        int status = syscalls.madviseDontneed(cpu, at(from), (long) (to - from) * PAGE);
        if (mayBeLocked && status == Errno.EINVAL) {
            return learn(cpu, user, from, to);
        }
        Arrays.fill(values, from, to, 0);
        return user.returned(cpu, "madvise", status, hole(from, to) == to ? 0 : Errno.ENOMEM);
    }

    /** Some of the pages are locked, and those from there on were not dropped. */
    private boolean learn(Cpu cpu, UserProgram user, int from, int to) {
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            if (rights[page] != 0) {
                alive = user.holdsOrZero(cpu, at(page), values[page]);
                values[page] = user.foundZero() ? 0 : values[page];
                alive = user.lost() ? renew(cpu, page) : alive;
            }
        }
        return alive;
    }

    /** Moves pages behind the range, looks at them there, and moves them back. */
    private boolean moveAndBack(Cpu cpu, UserProgram user, int from, int to) {
        if (hole(from, to) != to) {
            return map(cpu, from, to);
        }
        long length = (long) (to - from) * PAGE;
        long away = away(from);
        long moved = syscalls.mremap(cpu, at(from), length, length, away);
        if (moved == Errno.EFAULT) {
            // Not one VMA.
            return true;
        }
        if (moved != away) {
            return OUT;
        }
        boolean alive = user.denied(cpu, at(from), false);
        for (int page = from; page < to && alive; page++) {
            long there = away + (long) (page - from) * PAGE;
            alive = user.holds(cpu, there, values[page]);
        }
        return alive && syscalls.mremap(cpu, away, length, length, at(from)) == at(from);
    }
}
