package kemu.mm.reclaim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.Comms;
import kemu.kernel.task.Entry;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/** A kernel short of memory, processes that touch it, and a look at what is left when they are gone. */
final class ReclaimLab implements AutoCloseable {
    static final long BASE = 0x7000_0000_0000L;
    static final int PAGE = PhysMem.PAGE_SIZE;
    private static final int TASKS = 40;

    final Machine machine;
    final Kernel kernel;
    final List<String> oomLines = Collections.synchronizedList(new ArrayList<>());
    private final boolean leaksAreErrors;
    private String leaks = "not looked";

    ReclaimLab(String kind, long memoryBytes, int cpus, long seed, int swapPages) {
        this(kind, memoryBytes, cpus, seed, swapPages, MemoryModel.SC);
    }

    ReclaimLab(String kind, long memoryBytes, int cpus, long seed, int swapPages, MemoryModel model) {
        MachineConfig config = new MachineConfig(memoryBytes, cpus, seed, true, "ticket", TASKS).withModel(model);
        machine = kind.equals("native") ? KernelCore.bootNative(config) : KernelCore.bootEmulated(config);
        kernel = new Kernel(machine, new KernelConfig(KernelConfig.of(swapPages).anonVma(), swapPages, oomLines::add));
        kernel.start(machine.bootCpu());
        leaksAreErrors = true;
    }

    /** Runs every body as a process, waits for all, looks for leaks, halts. */
    void run(TaskBody... bodies) {
        Sched.of(machine).spawn(machine.bootCpu(), cpu -> conduct(cpu, bodies), 0, "conductor", Task.PF_KTHREAD);
        machine.run();
        assertTrue(!leaksAreErrors || leaks.isEmpty(), leaks);
    }

    private void conduct(Cpu cpu, TaskBody[] bodies) {
        settle(cpu);
        long frames = framesInUse(cpu);
        long objects = kernel.slabs().leakedObjects(cpu);
        for (int i = 0; i < bodies.length; i++) {
            TaskBody body = bodies[i];
            kernel.processes()
                    .spawnInit(
                            cpu, task -> live(task, body), Comms.of(machine).number("proc" + i), i, i % machine.cpus());
        }
        while (kernel.processes().live(cpu) != 0) {
            Sched.of(machine).sleep(cpu, 1);
        }
        settle(cpu);
        StringBuilder found = new StringBuilder();
        if (kernel.slabs().leakedObjects(cpu) != objects) {
            found.append(kernel.slabs().describeLeaks(cpu));
        }
        if (kernel.swap().usedEntries(cpu) != 0) {
            found.append(kernel.swap().usedEntries(cpu)).append(" swap entries leaked\n");
        }
        if (framesInUse(cpu) != frames) {
            found.append(framesInUse(cpu) - frames).append(" frames leaked\n");
        }
        for (VmStatItem item : VmStatItem.values()) {
            if (item.kind().isStock() && kernel.vmStat().sum(cpu, item) != 0) {
                found.append(item.key())
                        .append(' ')
                        .append(kernel.vmStat().sum(cpu, item))
                        .append('\n');
            }
        }
        leaks = found.toString();
        machine.halt();
    }

    void live(Cpu cpu, TaskBody body) {
        Entry.exit(cpu);
        body.run(cpu);
        Entry.enter(cpu);
        kernel.processes().exit(cpu, Processes.killed(cpu) ? Processes.KILLED : 0);
    }

    private void settle(Cpu cpu) {
        assertTrue(kernel.vmscan().settle(cpu), "reclaim does not come to rest");
        for (int i = 0; i < 2; i++) {
            kernel.lru().drainAll(cpu);
            kernel.files().dropCaches(cpu);
            kernel.rcu().rcuBarrier(cpu);
        }
    }

    private long framesInUse(Cpu cpu) {
        long slabPages = 0;
        for (KmemCache cache : kernel.slabs().caches()) {
            slabPages += cache.slabPages(cpu);
        }
        return kernel.pages().totalPages() - kernel.pages().freePageCount(cpu) - slabPages;
    }

    long stat(Cpu cpu, VmStatItem item) {
        return kernel.vmStat().sum(cpu, item);
    }

    /** Maps {@code pages} of memory, anonymous or of file {@code key}. */
    void map(Cpu cpu, long base, int pages, long flags, long key) {
        Entry.enter(cpu);
        long file = key == 0 ? Cpu.NULL : kernel.files().open(cpu, key);
        long at = kernel.mmap().mmap(cpu, Processes.currentMm(cpu), base, (long) pages * PAGE, flags, true, file, 0);
        if (file != Cpu.NULL) {
            kernel.files().put(cpu, file);
        }
        Entry.exit(cpu);
        assertTrue(Processes.killed(cpu) || !Errno.isError(at), "mmap: " + at);
    }

    void mapAnon(Cpu cpu, long base, int pages) {
        map(cpu, base, pages, VmArea.VM_READ | VmArea.VM_WRITE, 0);
    }

    /** Writes; false if the process was killed instead. */
    boolean store(Cpu cpu, long address, long value) {
        int code = kernel.userAccess().store64(cpu, Processes.currentMm(cpu), address, value);
        assertTrue(code == 0 || Processes.killed(cpu), "store: " + code);
        return code == 0 && !Processes.killed(cpu);
    }

    /** Reads and compares; false if the process was killed instead. */
    boolean expect(Cpu cpu, long address, long value) {
        int code = kernel.userAccess().load64(cpu, Processes.currentMm(cpu), address, value);
        if (Processes.killed(cpu)) {
            return false;
        }
        if (code != 0) {
            assertEquals(
                    value, kernel.userAccess().lastValue(cpu), "code " + code + " at 0x" + Long.toHexString(address));
        }
        return true;
    }

    @Override
    public void close() {
        machine.close();
    }
}
