package kemu.workload;

import java.util.SplittableRandom;
import kemu.mm.Kernel;
import kemu.mm.file.Files;

/**
 * How much memory the threads of a storm have, and where. What is a thread's own is at the same place in all processes
 * that know it.
 *
 * @param threads of a process
 * @param anonPages of each thread's anonymous memory
 * @param filePages of each thread's file, and of its private copies; 0 if there are no files
 * @param commonPages of what the threads of a process have in common, of each kind
 * @param contents of anonymous pages
 */
record StormLayout(int threads, int anonPages, int filePages, int commonPages, Contents contents) {
    /** Where the first thread's anonymous memory is; the common file is behind all other mappings. */
    static final long ANON = 0x7000_0000_0000L;

    private static final long SHARED = 0x7100_0000_0000L;
    private static final long PRIVATE = 0x7200_0000_0000L;
    private static final int PAGE = UserProgram.pageSize();
    /** Pages of each thread's file at most. */
    static final int MOST_PAGES = Files.DISK_BLOCKS;

    /** A piece of memory. */
    record Piece(long address, long length) {}

    /** All contents differ. */
    StormLayout(int threads, int anonPages, int filePages, int commonPages) {
        this(threads, anonPages, filePages, commonPages, Contents.DIFFERENT);
    }

    /** The same with such contents. */
    StormLayout with(Contents others) {
        return new StormLayout(threads, anonPages, filePages, commonPages, others);
    }

    /** Files and memory for {@code tasks}, of as many pages as make memory about a third of all that is used. */
    static StormLayout threeTimesMemory(Kernel kernel, int tasks, int threads) {
        long total = kernel.pages().totalPages();
        long disk = Math.min(total, Files.DISK_BLOCKS) * 3 / 4;
        // The common file is an eighth of them.
        long swappable = Math.min(total * 22 / 10, (total + kernel.config().swapPages()) * 6 / 10);
        long anonymous = (swappable - disk) / tasks;
        int filePages = (int) Math.max(1, disk / tasks);
        int anonPages = (int) Math.max(1, Math.min(anonymous, MOST_PAGES));
        return new StormLayout(threads, anonPages, filePages, Math.max(2, filePages / 8));
    }

    /** The same for all in {@code pages}. */
    static StormLayout of(int threads, int pages) {
        return new StormLayout(threads, pages, pages, Math.max(2, pages / 8));
    }

    /** Task number {@code task}'s anonymous memory. */
    OwnRange anonymous(int task, Syscalls syscalls) {
        return new OwnRange(ANON + task * OwnRange.spaceFor(anonPages), anonPages, contents, syscalls);
    }

    /** Where task number {@code task} maps {@code file}, which has the key {@code key}. */
    OwnFile.Place place(int task, long file, long key) {
        return new OwnFile.Place(file, key, filePages, shared(task), copies(task));
    }

    private long shared(int task) {
        return SHARED + 2L * task * filePages * PAGE;
    }

    private long copies(int task) {
        return PRIVATE + 2L * task * filePages * PAGE;
    }

    /** Some pages, at most {@code most}, of any thread in the process of task number {@code task}. */
    Piece somePiece(int task, SplittableRandom random, int most) {
        int of = task / threads * threads + random.nextInt(threads);
        int kind = filePages == 0 ? 0 : random.nextInt(4);
        int pages = kind == 0 ? anonPages : kind == 3 ? commonPages : filePages;
        long base = switch (kind) {
            case 0 -> ANON + of * OwnRange.spaceFor(anonPages);
            case 1 -> shared(of);
            case 2 -> copies(of);
            default -> CommonFile.at(random.nextBoolean(), 0);
        };
        int from = random.nextInt(pages);
        long length = 1L + random.nextInt(Math.min(most, pages - from));
        return new Piece(base + (long) from * PAGE, length * PAGE);
    }
}
