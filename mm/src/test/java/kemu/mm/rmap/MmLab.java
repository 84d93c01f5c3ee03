package kemu.mm.rmap;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.types.VmArea;

/** A booted kernel for tests of rmap and faults, and short names for what they do to address spaces. */
public final class MmLab implements AutoCloseable {
    /** Where {@link #map} maps by convention. */
    public static final long BASE = 0x7000_0000_0000L;

    public static final int PAGE = PhysMem.PAGE_SIZE;
    private static final int TASKS = 32;

    public final Machine machine;
    public final Kernel kernel;

    private MmLab(Machine machine, KernelConfig config) {
        this.machine = machine;
        kernel = new Kernel(machine, config);
        kernel.start(machine.bootCpu());
    }

    /** A lab on a {@code native} or {@code emu} machine. */
    public static MmLab boot(String kind, int cpus, long seed, String anonVma, String spinLock) {
        return new MmLab(machine(kind, cpus, seed, spinLock), new KernelConfig(anonVma, 1024));
    }

    /** The same with another kernel. */
    public static MmLab boot(String kind, int cpus, long seed, KernelConfig kernel) {
        return new MmLab(machine(kind, cpus, seed, "ticket"), kernel);
    }

    private static Machine machine(String kind, int cpus, long seed, String spinLock) {
        MachineConfig config = new MachineConfig(4L << 20, cpus, seed, true, spinLock, TASKS);
        return kind.equals("native") ? KernelCore.bootNative(config) : KernelCore.bootEmulated(config);
    }

    public static MmLab boot(String kind, int cpus, long seed) {
        return boot(kind, cpus, seed, "root-recheck", "ticket");
    }

    /** Runs each body as a task on the CPU of its number and halts the machine when all have ended. */
    public void run(List<TaskBody> bodies) {
        AtomicInteger left = new AtomicInteger(bodies.size());
        for (int i = 0; i < bodies.size(); i++) {
            TaskBody body = bodies.get(i);
            Sched.of(machine)
                    .spawn(
                            machine.bootCpu(),
                            cpu -> {
                                body.run(cpu);
                                if (left.decrementAndGet() == 0) {
                                    machine.halt();
                                }
                            },
                            i % machine.cpus(),
                            "test" + i,
                            Task.PF_KTHREAD);
        }
        machine.run();
    }

    public void run(TaskBody body) {
        run(List.of(body));
    }

    /** A new address space with {@code pages} of writable anonymous memory at {@link #BASE}. */
    public long newMm(Cpu cpu, int pages) {
        long mm = kernel.mms().mmAlloc(cpu);
        map(cpu, mm, BASE, pages);
        return mm;
    }

    public void map(Cpu cpu, long mm, long address, int pages) {
        long flags = VmArea.VM_READ | VmArea.VM_WRITE;
        check(address, kernel.mmap().mmap(cpu, mm, address, (long) pages * PAGE, flags, true, Cpu.NULL, 0));
    }

    public void write(Cpu cpu, long mm, int page, long value) {
        check(0, kernel.userAccess().store64(cpu, mm, BASE + (long) page * PAGE, value));
    }

    public void expect(Cpu cpu, long mm, int page, long value) {
        int code = kernel.userAccess().load64(cpu, mm, BASE + (long) page * PAGE, value);
        if (code != 0) {
            throw new AssertionError("page " + page + ": expected " + value + ", found "
                    + kernel.userAccess().lastValue(cpu) + ", code " + code);
        }
    }

    /** The VMA at {@link #BASE}. */
    public long vma(Cpu cpu, long mm) {
        return kernel.mms().findVma(cpu, mm, BASE);
    }

    /** The pte of page {@code page}. */
    public long pte(Cpu cpu, long mm, int page) {
        long pte = kernel.pageTable().find(cpu, mm, BASE + (long) page * PAGE);
        return pte == Cpu.NULL ? 0 : cpu.readOnce64(pte);
    }

    private static void check(long expected, long found) {
        if (expected != found) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
