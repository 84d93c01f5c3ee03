package kemu.workload;

import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import kemu.hw.cpu.Cpu;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/** What one thread of {@link MlockStorm} does, and a child that it forks. */
final class MlockWorker {
    /** Not madvise, which refuses what somebody has locked. */
    private static final ThreadStorm.Call[] ANONYMOUS = {
        ThreadStorm.Call.MMAP, ThreadStorm.Call.MUNMAP, ThreadStorm.Call.MPROTECT, ThreadStorm.Call.MREMAP
    };

    private static final int PAGE = UserProgram.pageSize();
    /** Where a child maps memory of its own. */
    private static final long CHILDS = 0x7600_0000_0000L;

    private static final int CHILDS_PAGES = 16;
    /** One page in so many is read byte by byte at the end of a phase. */
    private static final int READ_WHOLE = 32;

    private final Syscalls syscalls;
    private final MlockCalls calls;
    private final UserProgram user;
    private final FileAccess access;
    private final OwnFile file;
    private final OwnRange own;
    private final CommonFile common;
    private final SplittableRandom random;
    private String doing = "";

    MlockWorker(
            Syscalls syscalls,
            MlockCalls calls,
            UserProgram user,
            FileAccess access,
            OwnFile file,
            OwnRange own,
            CommonFile common,
            SplittableRandom random) {
        this.syscalls = syscalls;
        this.calls = calls;
        this.user = user;
        this.access = access;
        this.file = file;
        this.own = own;
        this.common = common;
        this.random = random;
    }

    SplittableRandom random() {
        return random;
    }

    FileAccess access() {
        return access;
    }

    /** Maps and writes all that the thread has. False if it cannot go on; so do all that follow. */
    boolean begin(Cpu cpu, BooleanSupplier ends) {
        return doing("begin") && file.fill(cpu, access, ends) && own.fill(cpu, user, random, ends);
    }

    /** Makes one call. */
    boolean call(Cpu cpu) {
        return switch (random.nextInt(20)) {
            case 0, 1, 2, 3 -> anonymous(cpu, ThreadStorm.Call.FAULTS);
            case 4, 5 -> anonymous(cpu, ANONYMOUS[random.nextInt(ANONYMOUS.length)]);
            case 6, 7 -> doing("write") && file.write(cpu, access, random);
            case 8, 9 -> doing("copy") && file.copy(cpu, access, random);
            case 10, 11 -> doing("read") && file.read(cpu, access, random);
            case 12, 13 -> doing("ftruncate") && file.truncate(cpu, user, random);
            case 14 -> doing("fallocate") && file.punch(cpu, user, access, random);
            case 15 -> doing("remap") && file.remap(cpu, user, random);
            case 16 -> doing("fsync") && (random.nextInt(8) != 0 || file.sync(cpu, user));
            case 17 -> doing("mlockall") && (random.nextInt(4) != 0 || all(cpu));
            default -> doing("common file") && common.call(cpu, user, access, random);
        };
    }

    private boolean anonymous(Cpu cpu, ThreadStorm.Call call) {
        return doing("anonymous " + call) && own.call(cpu, user, random, call);
    }

    /** What the thread does from here on; true. */
    boolean doing(String what) {
        doing = what;
        return true;
    }

    /** What the thread was doing when it could not go on. */
    String doing() {
        return doing;
    }

    /** munlockall, or mlockall of more than may be locked. */
    private boolean all(Cpu cpu) {
        return random.nextBoolean()
                ? user.returned(cpu, "munlockall", calls.munlockall(cpu), 0)
                : locked(cpu, "mlockall", calls.mlockall(cpu, false));
    }

    /** mlock or munlock. */
    boolean lock(Cpu cpu, long address, long length) {
        return random.nextInt(5) < 3
                ? locked(cpu, "mlock", calls.mlock(cpu, address, length))
                : locked(cpu, "munlock", calls.munlock(cpu, address, length));
    }

    /** Not all need be mapped, there is a limit, and memory may be out. */
    private boolean locked(Cpu cpu, String what, int status) {
        return user.returned(cpu, what, status == Errno.ENOMEM || status == Errno.EAGAIN ? 0 : status, 0);
    }

    /** Reads all that the thread has. */
    boolean verify(Cpu cpu) {
        boolean alive = doing("verify") && own.verify(cpu, user) && file.readAll(cpu, access, 0, file.pages());
        for (int i = file.pages() / READ_WHOLE; i >= 0 && alive; i--) {
            alive = file.readEveryByte(cpu, access, random.nextInt(file.pages()));
        }
        return alive;
    }

    /** What a child knows that is forked now. */
    MlockWorker forked() {
        return new MlockWorker(
                syscalls, calls, user, access.forked(), file.forked(), own.forked(), common, random.split());
    }

    /** What the parent does while its child lives: it changes no file of its own, which the child reads. */
    boolean besideChild(Cpu cpu) {
        boolean alive = doing("besides its child");
        for (int i = 0; i < 4 && alive; i++) {
            alive = file.copy(cpu, access, random) && own.call(cpu, user, random, ThreadStorm.Call.FAULTS);
        }
        return alive;
    }

    /** What a child does: it reads what it was born with, writes some of it, locks some of it, or all that it has. */
    boolean live(Cpu cpu) {
        boolean alive = doing("a child");
        for (int i = 0; i < 4 && alive; i++) {
            alive = file.read(cpu, access, random)
                    && file.copy(cpu, access, random)
                    && own.call(cpu, user, random, ThreadStorm.Call.FAULTS);
        }
        return alive
                && doing("a child's common file")
                && common.call(cpu, user, access, random)
                && doing("a child's mlockall")
                && (random.nextBoolean() || lockAll(cpu));
    }

    /** Drops all but the common file, has that locked, if that is allowed, and what is mapped from here on. */
    private boolean lockAll(Cpu cpu) {
        long length = (long) CHILDS_PAGES * PAGE;
        if (syscalls.munmap(cpu, StormLayout.ANON, CommonFile.at(true, 0) - StormLayout.ANON) != 0
                || !locked(cpu, "mlockall", calls.mlockall(cpu, true))) {
            return false;
        }
        long at = syscalls.mmap(cpu, CHILDS, length, VmArea.VM_READ | VmArea.VM_WRITE, true, 0, 0);
        if (at != CHILDS) {
            return user.returned(cpu, "mmap", (int) at, Errno.EAGAIN);
        }
        boolean alive = true;
        for (int page = 0; page < CHILDS_PAGES && alive; page++) {
            alive = user.replace(cpu, CHILDS + (long) page * PAGE, 0, page + 1L);
        }
        for (int page = 0; page < CHILDS_PAGES && alive; page++) {
            alive = user.holds(cpu, CHILDS + (long) page * PAGE, page + 1L);
        }
        return alive;
    }
}
