package kemu.workload;

import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.mm.uapi.Errno;

/** Operations that lock memory. */
final class LockOperations {
    static final List<StormOperation> ALL = List.of(
            new StormOperation("mlock", 4, true, (cpu, on) -> lock(cpu, on, true)),
            new StormOperation("munlock", 3, true, (cpu, on) -> lock(cpu, on, false)),
            new StormOperation("mlockall", 1, true, LockOperations::lockAll),
            new StormOperation("munlockall", 1, true, LockOperations::unlockAll),
            new StormOperation("shmctl", 1, false, LockOperations::shmctl));

    /** Pages at most that one call locks. */
    private static final int MOST_LOCKED = 64;

    private LockOperations() {}

    /** mlock or munlock of memory of any thread of the process: what is not mapped there, or too much, is refused. */
    private static boolean lock(Cpu cpu, StormThread on, boolean locks) {
        SplittableRandom random = on.random();
        StormLayout.Piece piece = on.storm().layout().somePiece(on.task(), random, MOST_LOCKED);
        return refusable(
                cpu,
                on,
                locks ? "mlock" : "munlock",
                locks
                        ? on.storm().calls().mlock(cpu, piece.address(), piece.length())
                        : on.storm().calls().munlock(cpu, piece.address(), piece.length()));
    }

    /** Not all need be mapped, there is a limit, and memory may be out. */
    private static boolean refusable(Cpu cpu, StormThread on, String what, int status) {
        return on.user().returned(cpu, what, status == Errno.ENOMEM || status == Errno.EAGAIN ? 0 : status, 0);
    }

    private static boolean lockAll(Cpu cpu, StormThread on) {
        return refusable(cpu, on, "mlockall", on.storm().calls().mlockall(cpu, false));
    }

    private static boolean unlockAll(Cpu cpu, StormThread on) {
        return on.user().returned(cpu, "munlockall", on.storm().calls().munlockall(cpu), 0);
    }

    /** SHM_LOCK of the thread's own file, some writes, and SHM_UNLOCK. */
    private static boolean shmctl(Cpu cpu, StormThread on) {
        MlockCalls calls = on.storm().calls();
        calls.shmctl(cpu, on.file().file(), true);
        boolean alive =
                on.file().write(cpu, on.access(), on.random()) && on.file().read(cpu, on.access(), on.random());
        calls.shmctl(cpu, on.file().file(), false);
        return alive;
    }
}
