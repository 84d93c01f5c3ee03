package kemu.check.mlock;

import java.util.SplittableRandom;
import kemu.check.scenario.SceneBroken;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.truncate.Truncate;
import kemu.mm.uapi.Errno;

/** What one thread of {@link MlockMix} does. */
final class MixedLocks {
    private static final int PUNCH = Truncate.FALLOC_FL_KEEP_SIZE | Truncate.FALLOC_FL_PUNCH_HOLE;
    private static final int PAGE = MixedFile.PAGE;

    private final MixedFile file;
    private final Kernel kernel;
    private final int process;
    private final long mm;
    private final int thread;
    private final SplittableRandom random;

    MixedLocks(MixedFile file, int process, int thread, SplittableRandom random) {
        this.file = file;
        kernel = file.kernel();
        this.process = process;
        mm = file.mm(process);
        this.thread = thread;
        this.random = random;
    }

    /** Makes one call, drawn by lot. */
    void next(Cpu cpu) {
        // The file is of most interest, and its private copies.
        int part = (1 + random.nextInt(5)) / 2;
        int page = random.nextInt(MixedFile.pages(part));
        int pages = 1 + random.nextInt(Math.min(2, MixedFile.pages(part) - page));
        long at = MixedFile.at(part, page);
        switch (random.nextInt(16)) {
            case 0, 1, 2 -> mlock(cpu, mm, at, (long) pages * PAGE);
            case 3, 4 -> munlock(cpu, at, (long) pages * PAGE);
            case 5, 6 -> truncate(cpu, page);
            case 7 -> truncate(cpu, MixedFile.PAGES);
            case 8 -> punch(cpu, page);
            case 9, 10 -> reclaim(cpu, at);
            case 11 -> fork(cpu, at, MixedFile.written(part, page));
            case 12 -> file.remap(cpu, process, part, page, pages);
            case 13 -> file.load(cpu, process, at);
            default -> access(cpu, part, page);
        }
        // Nobody else uses this page: what the thread does to it, it does alone.
        file.store(cpu, process, MixedFile.at(MixedFile.ANONYMOUS_PART, thread));
        kernel.lru().drain(cpu);
    }

    private void access(Cpu cpu, int part, int page) {
        if (MixedFile.written(part, page)) {
            file.store(cpu, process, MixedFile.at(part, page));
        } else {
            file.load(cpu, process, MixedFile.at(part, page));
        }
    }

    /** mlock() but for the emptying of all pagevecs, which interrupts all CPUs. Holes are no error. */
    private void mlock(Cpu cpu, long of, long at, long length) {
        int error = kernel.mlock().mlockDrained(cpu, of, at, length);
        if (error != 0 && error != Errno.ENOMEM) {
            throw new SceneBroken("mlock fails with " + error);
        }
    }

    private void munlock(Cpu cpu, long at, long length) {
        int error = random.nextInt(4) == 0
                ? kernel.mlock().munlockall(cpu, mm)
                : kernel.mlock().munlock(cpu, mm, at, length);
        if (error != 0 && error != Errno.ENOMEM) {
            throw new SceneBroken("munlock fails with " + error);
        }
    }

    private void truncate(Cpu cpu, int pages) {
        if (kernel.truncate().ftruncate(cpu, file.file(), (long) pages * PAGE) != 0) {
            throw new SceneBroken("ftruncate fails");
        }
    }

    private void punch(Cpu cpu, int page) {
        if (kernel.truncate().fallocate(cpu, file.file(), PUNCH, (long) page * PAGE, PAGE) != 0) {
            throw new SceneBroken("fallocate fails");
        }
    }

    /** As shrink_page_list does with a page that it has taken off its list, mlocked or not. */
    private void reclaim(Cpu cpu, long at) {
        long page = file.pinned(cpu, process, at);
        if (page == Cpu.NULL) {
            return;
        }
        boolean taken = kernel.lru().isolate(cpu, page);
        kernel.pages().putPage(cpu, page);
        if (taken) {
            if (Page.test(cpu, page, Page.PG_UNEVICTABLE)) {
                kernel.lru().putback(cpu, page);
            } else {
                // Inactive from here on, as after shrink_active_list.
                Page.FLAGS.clearBits(cpu, page, Page.PG_ACTIVE);
                kernel.vmscan().shrinkPage(cpu, page);
            }
        }
    }

    private void fork(Cpu cpu, long at, boolean writes) {
        long child = kernel.mms().dupMm(cpu, mm);
        if (child == Cpu.NULL) {
            throw new SceneBroken("fork fails");
        }
        if (random.nextBoolean()) {
            mlock(cpu, child, at, PAGE);
        }
        if (writes) {
            file.storeTo(cpu, child, at);
        }
        file.loadFrom(cpu, child, MixedFile.at(MixedFile.ANONYMOUS_PART, thread));
        kernel.mms().mmput(cpu, child);
    }
}
