package kemu.workload;

import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/** Operations by which pages are merged, get other frames or other addresses, and lose their contents. */
final class PageOperations {
    static final List<StormOperation> ALL = List.of(
            new StormOperation("merge", 2, true, PageOperations::merge),
            new StormOperation("uffd-move", 2, true, PageOperations::uffdMove),
            new StormOperation("move-pages", 2, true, PageOperations::movePages),
            new StormOperation("compact", 1, true, PageOperations::compact),
            new StormOperation("memory-failure", 1, true, PageOperations::memoryFailure),
            new StormOperation("rest", 1, true, PageOperations::rest));

    private static final int PAGE = UserProgram.pageSize();
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int MOST_AT_ONCE = 16;
    /** Orders of blocks that are asked for. */
    private static final int ORDERS = 6;
    /** One compaction in so many is of all memory. */
    private static final int COMPACT_ALL = 8;
    /** Ticks at most that a thread leaves its pages alone. */
    private static final int MOST_REST = 3;

    private PageOperations() {}

    /** Some pages get contents that others have, and are given to ksmd; or they are taken back from it. */
    private static boolean merge(Cpu cpu, StormThread on) {
        OwnRange own = on.own();
        SplittableRandom random = on.random();
        int from = random.nextInt(own.pages());
        int to = Math.min(own.pages(), from + 1 + random.nextInt(MOST_AT_ONCE));
        boolean gives = random.nextInt(3) != 0;
        boolean alive = true;
        for (int page = from; page < to && alive && gives; page++) {
            alive = !own.allows(page, true)
                    || own.write(cpu, on.user(), page, own.contents().equal(random));
        }
        return alive && offer(cpu, on, from, to, gives) && own.verify(cpu, on.user(), from, to);
    }

    /** madvise(MADV_MERGEABLE) or the opposite, of pages of the thread's own. False if the thread cannot go on. */
    static boolean offer(Cpu cpu, StormThread on, int from, int to, boolean gives) {
        OwnRange own = on.own();
        long length = (long) (to - from) * PAGE;
        int status = on.storm().syscalls().madviseMergeable(cpu, own.at(from), length, gives);
        if (on.storm().kernel().ksm() == null) {
            return on.user().returned(cpu, "madvise", status, Errno.EINVAL);
        }
        // Also where nothing is missing but memory.
        return on.user().returned(cpu, "madvise", status == Errno.ENOMEM ? 0 : status, 0);
    }

    /**
     * Pages go elsewhere one by one, and come back, where the anon_vmas of other places may be of another root; else
     * one goes to another place of its VMA.
     */
    private static boolean uffdMove(Cpu cpu, StormThread on) {
        OwnRange own = on.own();
        int from = on.random().nextInt(own.pages());
        int to = own.hole(from, Math.min(own.pages(), from + MOST_AT_ONCE));
        if (from == to) {
            return true;
        }
        boolean leaves = on.storm().moving().crossesRoots() && on.random().nextInt(4) != 0;
        return leaves
                ? thereAndBack(cpu, on, from, to)
                : within(cpu, on, from, from + on.random().nextInt(to - from));
    }

    /** Page {@code to} is given up, and page {@code from} takes its place, if one VMA has both. */
    private static boolean within(Cpu cpu, StormThread on, int from, int to) {
        OwnRange own = on.own();
        if (from == to || !own.giveUp(cpu, on.user(), to) || own.value(to) != 0) {
            return !Processes.killed(cpu);
        }
        if (!on.storm().moving().inOneVma(cpu, own.at(from), own.at(to))) {
            return true;
        }
        int error = on.storm().moving().uffdMove(cpu, own.at(from), own.at(to));
        if (error == 0) {
            own.moved(from, to);
        }
        boolean empty = own.value(from) == 0;
        return (error == 0 || empty || mayStay(cpu, on, error))
                && own.verify(cpu, on.user(), from, from + 1)
                && own.verify(cpu, on.user(), to, to + 1);
    }

    private static boolean thereAndBack(Cpu cpu, StormThread on, int from, int to) {
        OwnRange own = on.own();
        long length = (long) (to - from) * PAGE;
        long away = own.away(from);
        if (on.storm().syscalls().mmap(cpu, away, length, READ_WRITE, true, 0, 0) != away) {
            return false;
        }
        boolean alive = true;
        for (int page = from; page < to && alive; page++) {
            alive = thereAndBack(cpu, on, page);
        }
        return alive && on.storm().syscalls().munmap(cpu, away, length) == 0;
    }

    private static boolean thereAndBack(Cpu cpu, StormThread on, int page) {
        OwnRange own = on.own();
        UserProgram user = on.user();
        MovingCalls calls = on.storm().moving();
        int error = calls.uffdMove(cpu, own.at(page), own.away(page));
        if (error != 0) {
            return own.value(page) == 0 || mayStay(cpu, on, error) && own.verify(cpu, user, page, page + 1);
        }
        boolean alive = user.holds(cpu, own.away(page), own.value(page));
        if (!alive || user.lost()) {
            return alive && own.lose(page);
        }
        error = calls.uffdMove(cpu, own.away(page), own.at(page));
        // Others may have shared it with a child meanwhile, or locked what it left empty.
        return error == 0 || mayStay(cpu, on, error) && own.copyBack(cpu, user, page);
    }

    /**
     * A page stays if others share it, or it is merged; if the VMA of one place may not be written, or is locked; if
     * somebody who locks everything has filled the target; if its memory has failed, or there is none.
     */
    private static boolean mayStay(Cpu cpu, StormThread on, int error) {
        boolean may = error == Errno.EBUSY
                || error == Errno.EINVAL
                || error == Errno.EEXIST
                || error == Errno.EFAULT
                || error == Errno.ENOMEM;
        return on.user().returned(cpu, "UFFDIO_MOVE", may ? 0 : error, 0);
    }

    /** Pages of any thread of the process get other frames. */
    private static boolean movePages(Cpu cpu, StormThread on) {
        StormLayout.Piece piece = on.storm().layout().somePiece(on.task(), on.random(), MOST_AT_ONCE);
        int moved = on.storm().moving().movePages(cpu, piece.address(), piece.length());
        return on.user().returned(cpu, "move_pages", moved == Errno.ENOMEM ? 0 : Math.min(0, moved), 0);
    }

    private static boolean compact(Cpu cpu, StormThread on) {
        boolean all = on.random().nextInt(COMPACT_ALL) == 0;
        on.storm().moving().compact(cpu, all ? 0 : 1 + on.random().nextInt(ORDERS));
        return true;
    }

    /** The memory of a page fails; its owner, if it is lost, maps another one. */
    private static boolean memoryFailure(Cpu cpu, StormThread on) {
        OwnRange own = on.own();
        int page = on.random().nextInt(own.pages());
        if (!own.allows(page, false)) {
            return true;
        }
        if (!own.read(cpu, on.user(), page)) {
            return false;
        }
        on.storm().moving().fail(cpu, own.at(page));
        return own.read(cpu, on.user(), page);
    }

    private static boolean rest(Cpu cpu, StormThread on) {
        on.storm().syscalls().sleep(cpu, 1 + on.random().nextInt(MOST_REST));
        return true;
    }
}
