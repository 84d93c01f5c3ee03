package kemu.workload;

import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;
import kemu.hw.cpu.Cpu;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * A file that every process maps, shared and privately, and everybody writes, truncates, punches and locks at the same
 * time. What a page holds can still be wrong: a value that nobody wrote there. And once all have stopped, all shared
 * mappings must agree. One object for all tasks.
 */
final class CommonFile {
    private static final int PAGE = UserProgram.pageSize();
    private static final long SHARED = 0x7300_0000_0000L;
    private static final long PRIVATE = 0x7380_0000_0000L;
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int MOST_AT_ONCE = 8;
    /** A word that is zero in a new file. */
    private static final long WORD = 16 * 8;

    private static final long NOT_SEEN = -1;
    private static final long BEYOND_END = -2;

    private final Syscalls syscalls;
    private final MlockCalls calls;
    private final long file;
    private final long key;
    private final int pages;
    /** What whoever looked first after a phase found in each page. */
    private final AtomicLongArray agreed;

    CommonFile(Syscalls syscalls, MlockCalls calls, long file, long key, int pages) {
        this.syscalls = syscalls;
        this.calls = calls;
        this.file = file;
        this.key = key;
        this.pages = pages;
        agreed = new AtomicLongArray(pages);
        forget();
    }

    /** Maps the file twice; false if there is no memory. */
    boolean map(Cpu cpu) {
        return map(cpu, SHARED, 0, pages, VmArea.VM_SHARED) && map(cpu, PRIVATE, 0, pages, 0);
    }

    private boolean map(Cpu cpu, long base, int from, int to, long flags) {
        long at = base + (long) from * PAGE;
        return syscalls.mmap(cpu, at, (long) (to - from) * PAGE, READ_WRITE | flags, true, key, from) == at;
    }

    /** Address of page {@code page} of one of the mappings. */
    static long at(boolean shared, int page) {
        return (shared ? SHARED : PRIVATE) + (long) page * PAGE;
    }

    /** Makes a call somewhere in the file; false if the program cannot go on. */
    boolean call(Cpu cpu, UserProgram user, FileAccess access, SplittableRandom random) {
        int page = random.nextInt(pages);
        int to = Math.min(pages, page + 1 + random.nextInt(MOST_AT_ONCE));
        boolean shared = random.nextBoolean();
        switch (random.nextInt(12)) {
            case 0, 1 -> {
                // A word goes whole or stays, so that what is left of one cannot look like a value of nobody's.
                long size = random.nextLong((long) pages * PAGE / 8 + 1) * 8;
                return user.returned(cpu, "ftruncate", noMemory(calls.ftruncate(cpu, file, size)), 0);
            }
            case 2 -> {
                long from = (long) page * PAGE + random.nextInt(PAGE / 8) * 8L;
                long length = (1 + random.nextInt(MOST_AT_ONCE * PAGE / 8)) * 8L;
                return user.returned(cpu, "fallocate", noMemory(calls.punch(cpu, file, from, length)), 0);
            }
            case 3 -> {
                return syscalls.munmap(cpu, at(shared, page), (long) (to - page) * PAGE) == 0
                        && map(cpu, at(shared, 0), page, to, shared ? VmArea.VM_SHARED : 0);
            }
            default -> {
                boolean alive = true;
                for (; page < to && alive; page++) {
                    alive = access(cpu, access, random, page, shared);
                }
                return alive;
            }
        }
    }

    /** What memory that ran out left undone is done another time. */
    private static int noMemory(int status) {
        return status == Errno.ENOMEM ? 0 : status;
    }

    /** Another thread of the process may have the page unmapped just now. */
    private boolean access(Cpu cpu, FileAccess access, SplittableRandom random, int page, boolean shared) {
        long address = at(shared, page) + WORD;
        if (random.nextInt(3) != 0) {
            return access.tryWrite(cpu, address, value(page, 1 + random.nextInt(1 << 16)));
        }
        return access.tryRead(cpu, address) && (access.nothingThere() || valid(cpu, access, page, address));
    }

    private boolean valid(Cpu cpu, FileAccess access, int page, long address) {
        long value = access.found(cpu);
        if (!access.raised() && value != 0 && value != value(page, (int) value & 0xf_ffff)) {
            access.wrong(cpu, address, "which nobody wrote there");
        }
        return true;
    }

    private static long value(int page, int serial) {
        long mixed = (page * 0x9e37_79b9L + serial) * 0x85eb_ca6bL;
        return 1L << 62 | (long) page << 36 | (mixed >>> 13 & 0xffff) << 20 | serial;
    }

    /**
     * Reads all of the shared mapping, which must hold what others have found. Context: nobody changes the file. False
     * if the program cannot go on.
     */
    boolean agree(Cpu cpu, FileAccess access) {
        boolean alive = true;
        for (int page = 0; page < pages && alive; page++) {
            long address = at(true, page) + WORD;
            alive = access.read(cpu, address) && valid(cpu, access, page, address);
            long found = access.raised() ? BEYOND_END : access.found(cpu);
            long others = agreed.compareAndExchange(page, NOT_SEEN, found);
            if (alive && others != NOT_SEEN && others != found) {
                access.wrong(cpu, address, "where others see 0x" + Long.toHexString(others));
            }
        }
        return alive;
    }

    /** Forgets what was found: a new phase begins. */
    void forget() {
        for (int page = 0; page < pages; page++) {
            agreed.set(page, NOT_SEEN);
        }
    }

    /** SHM_LOCK, or SHM_UNLOCK. Context: one task at a time. */
    void hold(Cpu cpu, boolean lock) {
        calls.shmctl(cpu, file, lock);
    }
}
