package kemu.trace.model;

import java.util.List;

/**
 * What one step of a {@link Program} does, with the meaning of its arguments a..f. Addresses and lengths are bytes,
 * page aligned unless said otherwise; a process or image argument is an index into {@link Trace#proc} or
 * {@link Trace#image}.
 */
public final class Op {
    /** True fork: the child gets a copy of the mm. a = child. */
    public static final byte FORK = 0;
    /** {@code vfork}: the child runs on the caller's mm, the caller is blocked until it execs or exits. a = child. */
    public static final byte VFORK = 1;
    /** {@code clone3(CLONE_VM|CLONE_VFORK)} with its own stack, as posix_spawn does; blocks like VFORK. a = child. */
    public static final byte SPAWN = 2;
    /** A thread on the same mm, running concurrently. a = thread. */
    public static final byte THREAD = 3;
    /** Successful execve: a new mm holding a's segments. a = image. */
    public static final byte EXEC = 4;
    /** Failed execve, the mm stays. a = errno, b = path index ({@link Trace#path}). */
    public static final byte EXEC_FAIL = 5;
    /**
     * a = address it must get (replacing what is there), b = length, c = PROT_*, d = MAP_* as recorded, e = file or -1,
     * f = file offset.
     */
    public static final byte MMAP = 6;
    /** a = address, b = length. */
    public static final byte MUNMAP = 7;
    /** a = address, b = length, c = PROT_*. */
    public static final byte MPROTECT = 8;
    /** a = old address, b = old length, c = new length, d = new address. */
    public static final byte MREMAP = 9;
    /** a = end of the heap asked for, bytes (need not be page aligned), or 0 for a query; b = end afterwards. */
    public static final byte BRK = 10;
    /** a = address, b = length, c = MADV_*. */
    public static final byte MADVISE = 11;
    /** Wait until that child has exited and reap it. a = child. */
    public static final byte WAIT = 12;
    /** wait4 that reaped nobody. a = errno, or 0 when it was WNOHANG with live children. Nothing to wait for. */
    public static final byte WAIT_NONE = 13;
    /**
     * A thread of this process has ended before the next op (exec and exit kill threads). a = thread. Nothing is
     * reaped.
     */
    public static final byte JOIN = 14;
    /** Last op of every program. a = exit status. */
    public static final byte EXIT = 15;
    /** A recorded call that failed and changed nothing. a = which op it would have been, b = errno. */
    public static final byte FAILED = 16;
    /** First accesses, each page exactly one fault. a = address of the first page, b = pages. */
    public static final byte TOUCH_READ = 17;
    /** As TOUCH_READ, writing. */
    public static final byte TOUCH_WRITE = 18;
    /** Reads of pages that are present unless reclaimed. a = address of the first page, b = pages. */
    public static final byte RETOUCH_READ = 19;
    /** As RETOUCH_READ, writing; the pages are writable for this process already. */
    public static final byte RETOUCH_WRITE = 20;

    /** Number of kinds. */
    public static final int COUNT = 21;

    /** PROT_* and MAP_* as in the kernel's ABI. */
    public static final int PROT_READ = 1;

    public static final int PROT_WRITE = 2;
    public static final int PROT_EXEC = 4;
    public static final int MAP_SHARED = 0x01;
    public static final int MAP_PRIVATE = 0x02;
    public static final int MAP_FIXED = 0x10;
    public static final int MAP_ANONYMOUS = 0x20;
    public static final int MAP_GROWSDOWN = 0x100;
    public static final int MAP_DENYWRITE = 0x800;
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_POPULATE = 0x8000;
    public static final int MAP_STACK = 0x20000;

    private static final List<String> NAMES = List.of(
            "fork",
            "vfork",
            "spawn",
            "thread",
            "exec",
            "exec-fail",
            "mmap",
            "munmap",
            "mprotect",
            "mremap",
            "brk",
            "madvise",
            "wait",
            "wait-none",
            "join",
            "exit",
            "failed",
            "touch-read",
            "touch-write",
            "retouch-read",
            "retouch-write");
    private static final byte[] ARGS = {1, 1, 1, 1, 1, 2, 6, 2, 3, 4, 2, 3, 1, 1, 1, 1, 2, 2, 2, 2, 2};

    private Op() {}

    /** Lower-case name, as reports show it. */
    public static String name(int op) {
        return NAMES.get(op);
    }

    /** How many of a..f the op uses. */
    public static int args(int op) {
        return ARGS[op];
    }

    /** Whether the op creates a task; then a is its index. */
    public static boolean creates(int op) {
        return op <= THREAD;
    }
}
