package kemu.workload;

import java.util.Arrays;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * Memory of a process whose pages belong to its threads in turn, as one thread sees it. Every thread protects any piece
 * at any time, so that an access may be refused; but only its owner writes a page, and so knows what it holds, however
 * VMAs are split and merged around it.
 */
final class StripedRange {
    private static final long BASE = 0x7d00_0000_0000L;
    private static final int PAGE = UserProgram.pageSize();
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final long[] RIGHTS = {READ_WRITE, READ_WRITE, VmArea.VM_READ, 0};
    private static final int MOST_AT_ONCE = 16;
    /** Own pages that are written or read in one call. */
    private static final int TOUCHED = 4;

    private final Syscalls syscalls;
    private final int pages;
    private final int owners;
    private final int owner;
    /** What each page of this owner holds. */
    private final long[] values;

    /** What thread number {@code owner} of {@code owners} has of {@code pages} pages, which are zero. */
    StripedRange(Syscalls syscalls, int pages, int owners, int owner) {
        this(syscalls, pages, owners, owner, new long[pages]);
    }

    private StripedRange(Syscalls syscalls, int pages, int owners, int owner, long[] values) {
        this.syscalls = syscalls;
        this.pages = pages;
        this.owners = owners;
        this.owner = owner;
        this.values = values;
    }

    /** What a child knows that is forked now. */
    StripedRange forked() {
        return new StripedRange(syscalls, pages, owners, owner, Arrays.copyOf(values, values.length));
    }

    /** Maps all of it, for all threads; false if there is no memory. */
    boolean map(Cpu cpu) {
        return syscalls.mmap(cpu, BASE, (long) pages * PAGE, READ_WRITE, true, 0, 0) == BASE;
    }

    private static long at(int page) {
        return BASE + (long) page * PAGE;
    }

    private int someOfOwn(SplittableRandom random) {
        int own = (pages - owner + owners - 1) / owners;
        return owner + owners * random.nextInt(own);
    }

    /** mprotect of a piece, whosever. False if the program cannot go on; so do all that follow. */
    boolean protect(Cpu cpu, UserProgram user, SplittableRandom random) {
        int from = random.nextInt(pages);
        int length = 1 + random.nextInt(Math.min(MOST_AT_ONCE, pages - from));
        return protect(cpu, user, from, length, RIGHTS[random.nextInt(RIGHTS.length)]);
    }

    private boolean protect(Cpu cpu, UserProgram user, int from, int length, long rights) {
        int status = syscalls.mprotect(cpu, at(from), (long) length * PAGE, rights);
        // All of it is mapped, so that this is for lack of memory.
        return user.returned(cpu, "mprotect", status == Errno.ENOMEM ? 0 : status, 0);
    }

    /** Writes some of its owner's pages, where that is allowed just now. */
    boolean write(Cpu cpu, UserProgram user, SplittableRandom random) {
        boolean alive = true;
        for (int i = 0; i < TOUCHED && alive; i++) {
            int page = someOfOwn(random);
            long value = random.nextLong() | 1;
            alive = user.tryReplace(cpu, at(page), values[page], value);
            values[page] = user.refused() ? values[page] : value;
        }
        return alive;
    }

    /** Reads some of its owner's pages, where that is allowed just now. */
    boolean read(Cpu cpu, UserProgram user, SplittableRandom random) {
        boolean alive = true;
        for (int i = 0; i < TOUCHED && alive; i++) {
            int page = someOfOwn(random);
            alive = user.tryHolds(cpu, at(page), values[page]);
        }
        return alive;
    }

    /** Reads all of its owner's pages. Context: nobody takes rights away. */
    boolean agree(Cpu cpu, UserProgram user) {
        boolean alive = protect(cpu, user, 0, pages, READ_WRITE);
        for (int page = owner; page < pages && alive; page += owners) {
            alive = user.holds(cpu, at(page), values[page]);
        }
        return alive;
    }
}
