package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.context.Task;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.page.VmStatItem;
import kemu.mm.slab.KmemCache;

/** A booted kernel for tests of address spaces: runs bodies as tasks, then checks that nothing is left over. */
public final class VmaTestKernel implements AutoCloseable {
    /** What a task of the test does. */
    @FunctionalInterface
    public interface Body {
        /** As task {@code id}. */
        void run(Cpu cpu, int id);
    }

    static final int SWAP_PAGES = 512;

    /** The machine. */
    public final Machine machine;
    /** The kernel on it. */
    public final Kernel kernel;

    private long[] objectsBefore;
    private long framesBefore;
    private long tablesBefore;

    VmaTestKernel(String kind, int cpus, long seed, long memoryBytes, String anonVma) {
        this(kind, cpus, seed, memoryBytes, new KernelConfig(anonVma, SWAP_PAGES));
    }

    private VmaTestKernel(String kind, int cpus, long seed, long memoryBytes, KernelConfig built) {
        this(kind, new MachineConfig(memoryBytes, cpus, seed, true, "ticket", 32), built);
    }

    private VmaTestKernel(String kind, MachineConfig config, KernelConfig built) {
        machine = kind.equals("native") ? KernelCore.bootNative(config) : KernelCore.bootEmulated(config);
        kernel = new Kernel(machine, built);
    }

    /** A kernel on a {@code native} or {@code emu} machine. */
    public static VmaTestKernel boot(String kind, int cpus, long seed) {
        return boot(kind, cpus, seed, "mmap-sem");
    }

    /** A kernel on emulated CPUs of {@code model}, or on native ones if that is null. */
    public static VmaTestKernel boot(MemoryModel model, int cpus, long seed, KernelConfig built) {
        return boot(model, cpus, seed, 4L << 20, built);
    }

    /** The same with {@code memoryBytes} of memory. */
    public static VmaTestKernel boot(MemoryModel model, int cpus, long seed, long memoryBytes, KernelConfig built) {
        MachineConfig config = new MachineConfig(memoryBytes, cpus, seed, true, "ticket", 32);
        return model == null
                ? new VmaTestKernel("native", config, built)
                : new VmaTestKernel("emu", config.withModel(model), built);
    }

    /** A kernel on one emulated CPU that preempts nobody: tasks change where they give way. */
    public static VmaTestKernel bootCooperative() {
        MachineConfig config = new MachineConfig(4L << 20, 1, 1, false, "ticket", 32);
        return new VmaTestKernel("emu", config, KernelConfig.of(0));
    }

    /** On one CPU, built as {@code config} says. */
    static VmaTestKernel boot(String kind, KernelConfig config) {
        return new VmaTestKernel(kind, 1, 1, 4L << 20, config);
    }

    /** The same, whose faults find their VMA as {@code vmaLookup} does. */
    public static VmaTestKernel boot(String kind, int cpus, long seed, String vmaLookup) {
        String anonVma = seed % 5 == 4 ? "root-rwsem" : "root-recheck";
        return new VmaTestKernel(
                kind, cpus, seed, 4L << 20, new KernelConfig(anonVma, SWAP_PAGES).withVmaLookup(vmaLookup));
    }

    /** Runs {@code before} alone, then {@code tasks} bodies on all CPUs, then {@code after} alone; checks for leaks. */
    public void run(Body before, int tasks, Body body, Body after) {
        AtomicInteger left = new AtomicInteger(tasks);
        Sched.of(machine)
                .spawn(
                        machine.bootCpu(),
                        cpu -> {
                            snapshot(cpu);
                            before.run(cpu, -1);
                            for (int i = 0; i < tasks; i++) {
                                int id = i;
                                Sched.of(machine)
                                        .spawn(
                                                cpu,
                                                on -> {
                                                    body.run(on, id);
                                                    left.decrementAndGet();
                                                },
                                                i % machine.cpus(),
                                                "test",
                                                0);
                            }
                            // Ends when all tasks have; the watchdog reports a hang.
                            while (left.get() > 0) {
                                Sched.setState(cpu, Task.UNINTERRUPTIBLE);
                                Sched.of(machine).scheduleTimeout(cpu, 1);
                            }
                            after.run(cpu, -1);
                            checkLeaks(cpu);
                            machine.halt();
                        },
                        0,
                        "conductor",
                        0);
        machine.run();
        assertEquals(0, left.get());
    }

    /** Runs one body alone; checks for leaks. */
    public void run(Body body) {
        run(body, 0, (cpu, id) -> {}, (cpu, id) -> {});
    }

    private void settle(Cpu cpu) {
        if (kernel.khugepaged() != null) {
            kernel.khugepaged().settle(cpu);
        }
        kernel.lru().drainAll(cpu);
        kernel.files().dropCaches(cpu);
        kernel.rcu().rcuBarrier(cpu);
        // The callback that frees an object may have left an empty slab page to a callback of its own.
        kernel.rcu().rcuBarrier(cpu);
        kernel.lru().drainAll(cpu);
    }

    private void snapshot(Cpu cpu) {
        settle(cpu);
        KmemCache[] caches = kernel.slabs().caches();
        objectsBefore = new long[caches.length];
        for (int i = 0; i < caches.length; i++) {
            objectsBefore[i] = caches[i].activeObjects(cpu);
        }
        framesBefore = framesInUse(cpu);
        tablesBefore = kernel.vmStat().sum(cpu, VmStatItem.NR_PAGE_TABLE_PAGES);
    }

    private long framesInUse(Cpu cpu) {
        long slabPages = 0;
        for (KmemCache cache : kernel.slabs().caches()) {
            slabPages += cache.slabPages(cpu);
        }
        return kernel.pages().totalPages() - kernel.pages().freePageCount(cpu) - slabPages;
    }

    private void checkLeaks(Cpu cpu) {
        settle(cpu);
        List<String> leaks = new ArrayList<>();
        KmemCache[] caches = kernel.slabs().caches();
        for (int i = 0; i < caches.length; i++) {
            long extra = caches[i].activeObjects(cpu) - objectsBefore[i];
            if (extra != 0) {
                leaks.add(extra + " of " + caches[i].name());
            }
        }
        if (framesInUse(cpu) != framesBefore) {
            leaks.add((framesInUse(cpu) - framesBefore) + " frames");
        }
        long tables = kernel.vmStat().sum(cpu, VmStatItem.NR_PAGE_TABLE_PAGES);
        if (tables != tablesBefore) {
            leaks.add((tables - tablesBefore) + " page tables");
        }
        if (kernel.swap().usedEntries(cpu) != 0) {
            leaks.add(kernel.swap().usedEntries(cpu) + " swap entries");
        }
        assertEquals(List.of(), leaks);
    }

    /** Reclaims some pages as if memory were short: unmaps, swaps out, drops. */
    public void reclaim(Cpu cpu) {
        long task = Sched.current(cpu);
        kernel.lru().drain(cpu);
        Task.FLAGS.setBits(cpu, task, Task.PF_MEMALLOC);
        kernel.vmscan().directReclaim(cpu, Gfp.KERNEL, 0);
        Task.FLAGS.clearBits(cpu, task, Task.PF_MEMALLOC);
    }

    /** Fails the test with what the oracle finds wrong in {@code mm}. */
    public void audit(Cpu cpu, long mm, String after) {
        String wrong = kernel.mms().auditMm(cpu, mm);
        assertTrue(wrong == null, () -> after + ": " + wrong);
    }

    @Override
    public void close() {
        machine.close();
    }
}
