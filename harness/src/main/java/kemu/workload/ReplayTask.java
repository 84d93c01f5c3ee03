package kemu.workload;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.TaskBody;
import kemu.mm.process.Processes;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.trace.model.Op;
import kemu.trace.model.Program;

/**
 * A recorded process: steps through its program and makes the same calls in the same order. Waits only where the
 * recording says that it waited for somebody: for a child's exit, for a vfork child, for a thread.
 */
final class ReplayTask implements TaskBody {
    private static final int MADV_DONTNEED = 4;
    private static final long MICROS_PER_JIFFY = 1_000_000L / MachineConfig.HZ;

    private final KbuildReplay replay;
    private final int proc;
    private final long id;
    private final boolean thread;
    private UserMemory memory;
    private UserProgram user;
    private long brkEnd;
    private boolean outOfMemory;

    /** Process {@code proc} of {@code replay}; {@code memory} is its own, or shared with a parent that waits. */
    ReplayTask(KbuildReplay replay, int proc, long id, UserMemory memory, long brkEnd, boolean thread) {
        this.replay = replay;
        this.proc = proc;
        this.id = id;
        this.memory = memory;
        this.brkEnd = brkEnd;
        this.thread = thread;
    }

    @Override
    public void run(Cpu cpu) {
        user = new UserProgram(replay.kernel(), replay.counts(), id, memory.stamps());
        kemu.kernel.task.Entry.exit(cpu);
        Program program = replay.trace().proc(proc).program();
        int code = 0;
        int i = 0;
        for (; i < program.size(); i++) {
            if (replay.stopping()) {
                replay.cutShort();
                break;
            }
            byte op = program.op(i);
            if (op == Op.EXIT) {
                code = (int) program.a(i);
                break;
            }
            if (replay.recordedPace()) {
                pace(cpu, program.gapMicros(i));
            }
            step(cpu, program, i, op);
            if (outOfMemory || Processes.killed(cpu)) {
                replay.counts().killed.increment();
                replay.cutShort();
                code = Processes.KILLED;
                i++;
                break;
            }
        }
        replay.abandonChildren(proc, Math.min(i, program.size()));
        replay.syscalls().exit(cpu, code);
        memory.release();
        replay.ended(proc, replay.trace().proc(proc).isThread());
    }

    private void pace(Cpu cpu, int gapMicros) {
        if (gapMicros >= MICROS_PER_JIFFY) {
            replay.syscalls().sleep(cpu, gapMicros / MICROS_PER_JIFFY);
        }
    }

    private void step(Cpu cpu, Program p, int i, byte op) {
        switch (op) {
            case Op.FORK, Op.VFORK, Op.SPAWN, Op.THREAD -> clone(cpu, op, (int) p.a(i));
            case Op.EXEC -> exec(cpu, p.a(i));
            case Op.EXEC_FAIL -> replay.syscalls().execMissing(cpu);
            case Op.MMAP -> mmap(cpu, p, i);
            case Op.MUNMAP -> munmap(cpu, p.a(i), p.b(i));
            case Op.MPROTECT ->
                check(cpu, "mprotect", replay.syscalls().mprotect(cpu, p.a(i), p.b(i), KbuildSetup.protection((int)
                        p.c(i))));
            case Op.MREMAP -> mremap(cpu, p, i);
            case Op.BRK -> brk(cpu, p.a(i), p.b(i));
            case Op.MADVISE -> madvise(cpu, p, i);
            case Op.WAIT -> waitFor(cpu, (int) p.a(i));
            case Op.JOIN -> join(cpu, (int) p.a(i));
            case Op.WAIT_NONE, Op.FAILED -> replay.syscalls().nothing(cpu);
            case Op.TOUCH_READ, Op.TOUCH_WRITE, Op.RETOUCH_READ, Op.RETOUCH_WRITE -> touch(cpu, p, i, op);
            default -> throw new IllegalStateException("no such op: " + op);
        }
    }

    private void clone(Cpu cpu, byte recorded, int child) {
        boolean borrows = recorded == Op.VFORK || recorded == Op.SPAWN;
        // A vfork child runs while this task waits, so it may share what this task knows; anybody else gets a copy.
        boolean shares = borrows && !replay.vforkCopies();
        byte op = borrows && !shares ? Op.FORK : recorded;
        UserMemory childs = shares ? memory.share() : memory.forked();
        ReplayTask task = new ReplayTask(replay, child, replay.idOf(child), childs, brkEnd, op == Op.THREAD);
        int pid =
                replay.syscalls().fork(cpu, task, replay.comm(child), replay.idOf(child), KbuildReplay.cloneFlags(op));
        if (pid > 0) {
            replay.born(child, pid);
        } else {
            childs.release();
            replay.abandon(child);
        }
    }

    private void exec(Cpu cpu, long image) {
        kemu.mm.process.ExecImage program = replay.image(image);
        int status = replay.syscalls().exec(cpu, program);
        check(cpu, "execve", status);
        if (status == 0) {
            memory.release();
            memory = replay.memories().take();
            user.newAddressSpace(memory.stamps());
            for (int s = 0; s < program.segments(); s++) {
                memory.map()
                        .map(
                                program.address()[s],
                                program.length()[s],
                                program.fileKey()[s],
                                program.pageOffset()[s],
                                false);
            }
            brkEnd = program.brk();
        }
    }

    private void mmap(Cpu cpu, Program p, int i) {
        long address = p.a(i);
        long length = p.b(i);
        int flags = (int) p.d(i);
        boolean shared = (flags & Op.MAP_SHARED) != 0;
        long key = p.e(i) < 0 ? 0 : KbuildSetup.fileKey(p.e(i));
        long vmFlags = KbuildSetup.protection((int) p.c(i)) | (shared ? VmArea.VM_SHARED : 0);
        // The recorded address is where the process will look, so it is asked for even where the process did not.
        long mapped = replay.syscalls().mmap(cpu, address, length, vmFlags, true, key, p.f(i) >>> PhysMem.PAGE_SHIFT);
        check(cpu, "mmap", mapped == address ? 0 : mapped < 0 ? (int) mapped : Errno.EINVAL);
        user.stamps().forget(address, length);
        memory.map().map(address, length, key, p.f(i) >>> PhysMem.PAGE_SHIFT, shared);
    }

    private void munmap(Cpu cpu, long address, long length) {
        check(cpu, "munmap", replay.syscalls().munmap(cpu, address, length));
        user.stamps().forget(address, length);
        memory.map().unmap(address, length);
    }

    private void mremap(Cpu cpu, Program p, int i) {
        long from = p.a(i);
        long oldLength = p.b(i);
        long newLength = p.c(i);
        long to = p.d(i);
        long moved = replay.syscalls().mremap(cpu, from, oldLength, newLength, to == from ? 0 : to);
        check(cpu, "mremap", moved == to ? 0 : moved < 0 ? (int) moved : Errno.EINVAL);
        if (to != from) {
            UserMap map = memory.map();
            int file = map.find(from);
            long key = file == UserMap.ANONYMOUS ? 0 : map.fileKey(file);
            long offset = file == UserMap.ANONYMOUS ? 0 : map.indexOf(file, from);
            boolean shared = file != UserMap.ANONYMOUS && map.isShared(file);
            user.stamps().move(from, to, Math.min(oldLength, newLength));
            map.unmap(from, oldLength);
            map.map(to, newLength, key, offset, shared);
        } else if (newLength < oldLength) {
            user.stamps().forget(from + newLength, oldLength - newLength);
        }
    }

    /** Moves the heap's end to where it was recorded to be afterwards; a query where it is already only asks. */
    private void brk(Cpu cpu, long asked, long after) {
        long end = asked == 0 && (after == brkEnd || brkEnd == 0) ? 0 : after;
        long now = replay.syscalls().brk(cpu, end);
        if (end != 0) {
            check(cpu, "brk", now == end ? 0 : Errno.ENOMEM);
            long oldTop = UserMap.pageUp(brkEnd);
            long newTop = UserMap.pageUp(end);
            if (newTop < oldTop) {
                user.stamps().forget(newTop, oldTop - newTop);
            }
            brkEnd = end;
        }
    }

    private void madvise(Cpu cpu, Program p, int i) {
        if (p.c(i) == MADV_DONTNEED) {
            check(cpu, "madvise", replay.syscalls().madviseDontneed(cpu, p.a(i), p.b(i)));
            user.stamps().forget(p.a(i), p.b(i));
        } else {
            replay.syscalls().nothing(cpu);
        }
    }

    private void waitFor(Cpu cpu, int child) {
        int pid = replay.pidOf(child);
        if (pid > 0) {
            check(cpu, "wait4", replay.syscalls().waitFor(cpu, pid) == pid ? 0 : Errno.ECHILD);
        }
    }

    private void join(Cpu cpu, int other) {
        // Ends: a thread's program ends, or the run is stopped.
        while (!replay.hasEnded(other) && !replay.stopping() && !Processes.killed(cpu)) {
            replay.syscalls().sleep(cpu, 1);
        }
    }

    private void touch(Cpu cpu, Program p, int i, byte op) {
        long address = p.a(i);
        long pages = p.b(i);
        boolean first = op == Op.TOUCH_READ || op == Op.TOUCH_WRITE;
        (first ? replay.counts().touches : replay.counts().retouches).add(pages);
        long end = address + pages * UserProgram.pageSize();
        long page = address;
        while (page < end) {
            int file = memory.map().find(page);
            long runEnd = Math.min(end, memory.map().runEnd(page));
            for (; page < runEnd; page += UserProgram.pageSize()) {
                if (!touchPage(cpu, page, op, file)) {
                    return;
                }
            }
        }
    }

    /** {@code file} is the range of {@code page} in the map. */
    private boolean touchPage(Cpu cpu, long page, byte op, int file) {
        boolean anonymous = file == UserMap.ANONYMOUS;
        if (op == Op.TOUCH_WRITE) {
            boolean mine = anonymous || !memory.map().isShared(file);
            boolean done = user.write(cpu, page, mine && !thread);
            // The copy of a private file page must have brought the rest of the page along.
            return done && (anonymous || verifyFile(cpu, page, file));
        }
        if (op == Op.RETOUCH_WRITE) {
            boolean mine = anonymous || !memory.map().isShared(file);
            return (!mine || thread || user.verify(cpu, page)) && user.write(cpu, page, mine && !thread);
        }
        if (anonymous || user.stamps().expected(page) != StampTable.UNWRITTEN) {
            return thread || user.verify(cpu, page);
        }
        return verifyFile(cpu, page, file);
    }

    private boolean verifyFile(Cpu cpu, long page, int file) {
        return user.verifyFile(
                cpu, page, memory.map().fileKey(file), memory.map().indexOf(file, page));
    }

    /**
     * A program that gets -ENOMEM gives up; any other failure of a call that the recording says works is an error,
     * unless the process was killed meanwhile: its calls end early, and it never sees their results.
     */
    private void check(Cpu cpu, String call, int status) {
        if (status < 0 && !Processes.killed(cpu)) {
            if (status != Errno.ENOMEM) {
                replay.counts().syscallErrors.increment();
                replay.counts()
                        .error(call + " failed with " + status + " in recorded process "
                                + replay.trace().proc(proc).pid() + " ("
                                + replay.trace().proc(proc).name() + ")");
            } else {
                outOfMemory = true;
            }
        }
    }
}
