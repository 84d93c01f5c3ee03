package kemu.workload;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.kernel.task.Entry;
import kemu.kernel.task.RwSem;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * The system calls of user programs by which pages move to other frames and other addresses, and those by which memory
 * fails, counted. One object for all tasks.
 */
final class MovingCalls {
    private static final int MOVE_PAGES = Tags.tag("move_pages");
    private static final int UFFD_MOVE = Tags.tag("uffd_move");
    private static final int MEMORY_FAILURE = Tags.tag("memory_failure");
    /** Of memory, one frame in so many may have failed at a time. */
    private static final int FAILED_SHARE = 64;

    private final Kernel kernel;
    private final Counts counts;
    private final LongAdder addressed = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder unpoisoned = new LongAdder();
    /** Frames that may have failed and were not given back yet. */
    private final LongAdder failed = new LongAdder();

    /** Most that there were when processes slept. Written by the conductor. */
    private volatile long shared;

    private volatile long sharing;

    private final boolean crossesRoots;

    MovingCalls(Kernel kernel, Counts counts) {
        this.kernel = kernel;
        this.counts = counts;
        crossesRoots = AnonVmaLockings.byName(kernel.config().anonVma()).seesOtherRoots();
    }

    private long enter(Cpu cpu) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        return cpu.clock();
    }

    private static int exit(Cpu cpu, int tag, long start, int status) {
        cpu.record(tag, cpu.clock() - start);
        Entry.exit(cpu);
        return status;
    }

    /** move_pages of a range: how many pages were moved, or -ENOMEM. */
    int movePages(Cpu cpu, long address, long length) {
        long start = enter(cpu);
        int moved = kernel.givenPages().move(cpu, Processes.currentMm(cpu), address, length);
        return exit(cpu, MOVE_PAGES, start, moved);
    }

    /** True if pages may be moved to where the anon_vma has another root. */
    boolean crossesRoots() {
        return crossesRoots;
    }

    /** True if one VMA has both places, so that their anon_vma is one. It may be split later, and that stays. */
    boolean inOneVma(Cpu cpu, long one, long other) {
        Entry.enter(cpu);
        long mm = Processes.currentMm(cpu);
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long vma = kernel.mms().findVma(cpu, mm, Math.max(one, other));
        boolean both = vma != Cpu.NULL && VmArea.VM_START.get(cpu, vma) <= Math.min(one, other);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        Entry.exit(cpu);
        return both;
    }

    /** UFFDIO_MOVE of a page, tried again while pages are in motion: 0, or why the page stays where it is. */
    int uffdMove(Cpu cpu, long from, long to) {
        int error = tryUffdMove(cpu, from, to);
        // Ends: whoever was faster, with this page or this entry, has to come by anew each time.
        while (error == Errno.EAGAIN && !Processes.killed(cpu)) {
            error = tryUffdMove(cpu, from, to);
        }
        (error == 0 ? addressed : refused).increment();
        return error;
    }

    private int tryUffdMove(Cpu cpu, long from, long to) {
        long start = enter(cpu);
        return exit(cpu, UFFD_MOVE, start, kernel.movePages().move(cpu, Processes.currentMm(cpu), from, to));
    }

    /** Compacts memory until a block of {@code order} is free; all of it if that is 0. */
    void compact(Cpu cpu, int order) {
        counts.syscalls.increment();
        Entry.enter(cpu);
        if (order == 0) {
            kernel.compaction().compactNode(cpu);
        } else {
            kernel.compaction().tryToCompactPages(cpu, order);
        }
        Entry.exit(cpu);
    }

    /** madvise(MADV_HWPOISON) of a page, unless too much of memory has failed already. */
    void fail(Cpu cpu, long address) {
        if (failed.sum() >= kernel.pages().totalPages() / FAILED_SHARE) {
            return;
        }
        long start = enter(cpu);
        int status = kernel.givenPages().fail(cpu, Processes.currentMm(cpu), address);
        exit(cpu, MEMORY_FAILURE, start, status);
        failures.add(status == 0 ? 1 : 0);
        // What is busy may have failed all the same, and be lost when it is asked for.
        failed.add(status == 0 || status == Errno.EBUSY ? 1 : 0);
    }

    /** Gives all frames back that have failed. Context: no process is running. */
    void unpoison(Cpu cpu) {
        if (failed.sum() == 0) {
            return;
        }
        // Out of the swap cache, which nobody asks any more.
        kernel.swap().dropUnused(cpu);
        for (long pfn = kernel.pages().firstPfn(); pfn < kernel.pages().endPfn(); pfn++) {
            unpoisoned.add(kernel.givenPages().unpoison(cpu, pfn) ? 1 : 0);
        }
        failed.reset();
    }

    /** Looks at how many pages are merged. Context: processes sleep. */
    void look(Cpu cpu) {
        shared = Math.max(shared, kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_SHARED));
        sharing = Math.max(sharing, kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_SHARING));
    }

    /** What became of pages, in the whole kernel. */
    void describe(BiConsumer<String, Object> out) {
        Cpu cpu = kernel.machine().bootCpu();
        out.accept("pages_migrated", kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_SUCCESS));
        out.accept("migrations_failed", kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_FAIL));
        out.accept("migrations_retried", kernel.vmStat().sum(cpu, VmStatItem.PGMIGRATE_RETRY));
        out.accept("pages_merged", kernel.vmStat().sum(cpu, VmStatItem.KSM_PAGES_MERGED));
        out.accept("ksm_pages_shared_max", shared);
        out.accept("ksm_pages_sharing_max", sharing);
        out.accept("pages_moved", addressed.sum());
        out.accept("moves_refused", refused.sum());
        out.accept("memory_failures", failures.sum());
        out.accept("pages_lost", counts.lost.sum());
        out.accept("frames_given_back", unpoisoned.sum());
    }
}
