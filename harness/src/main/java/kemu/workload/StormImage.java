package kemu.workload;

import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Comms;
import kemu.mm.Kernel;
import kemu.mm.process.ExecImage;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/** A small program that processes of a storm become: it reads its code, writes its data and its heap, and ends. */
final class StormImage {
    private static final long TEXT = 0x40_0000L;
    private static final long DATA = 0x80_0000L;
    private static final long HEAP = 0x100_0000L;
    private static final long FILE = 0x7374_6f72_6d00L;
    private static final int PAGE = UserProgram.pageSize();
    private static final int TEXT_PAGES = 8;
    private static final int DATA_PAGES = 8;
    private static final int HEAP_PAGES = 16;

    private final Syscalls syscalls;
    private final ExecImage image;

    StormImage(Kernel kernel, Syscalls syscalls, String comm) {
        this.syscalls = syscalls;
        image = new ExecImage(
                Comms.of(kernel.machine()).number(comm),
                new long[] {TEXT, DATA},
                new long[] {(long) TEXT_PAGES * PAGE, (long) DATA_PAGES * PAGE},
                new long[] {VmArea.VM_READ | VmArea.VM_EXEC, VmArea.VM_READ | VmArea.VM_WRITE},
                new long[] {FILE, 0},
                new long[] {0, 0},
                HEAP);
    }

    /** exec and all that the program does; false if the process could not, for lack of memory, or was killed. */
    boolean run(Cpu cpu, UserProgram user, SplittableRandom random) {
        int status = syscalls.exec(cpu, image);
        if (status != 0) {
            return user.returned(cpu, "exec", status, Errno.ENOMEM);
        }
        user.newAddressSpace(new StampTable());
        boolean alive = true;
        for (int page = 0; page < TEXT_PAGES && alive; page++) {
            alive = user.verifyFile(cpu, TEXT + (long) page * PAGE, FILE, page)
                    && user.denied(cpu, TEXT + (long) page * PAGE, true);
        }
        return alive && write(cpu, user, DATA, DATA_PAGES, random) && heap(cpu, user, random);
    }

    private boolean write(Cpu cpu, UserProgram user, long at, int pages, SplittableRandom random) {
        long value = random.nextLong() | 1;
        boolean alive = true;
        for (int page = 0; page < pages && alive; page++) {
            alive = user.replace(cpu, at + (long) page * PAGE, 0, value + 2L * page);
        }
        for (int page = 0; page < pages && alive; page++) {
            alive = user.holds(cpu, at + (long) page * PAGE, value + 2L * page);
        }
        return alive;
    }

    /** Grows the heap, writes it, gives half of it back, and takes that again, which is zero then. */
    private boolean heap(Cpu cpu, UserProgram user, SplittableRandom random) {
        long half = HEAP + (long) HEAP_PAGES / 2 * PAGE;
        long end = HEAP + (long) HEAP_PAGES * PAGE;
        if (syscalls.brk(cpu, end) != end) {
            return true;
        }
        boolean alive = write(cpu, user, HEAP, HEAP_PAGES, random);
        if (!alive || syscalls.brk(cpu, half) != half || !user.denied(cpu, half, false)) {
            return alive;
        }
        return syscalls.brk(cpu, end) != end || write(cpu, user, half, HEAP_PAGES / 2, random);
    }
}
