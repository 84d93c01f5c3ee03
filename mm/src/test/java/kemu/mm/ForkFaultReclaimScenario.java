package kemu.mm;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.Entry;
import kemu.kernel.task.Sched;
import kemu.mm.page.VmStatItem;
import kemu.mm.process.Processes;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.VmArea;

/**
 * Fork, fault, exit and reclaim at once, on a machine too small for it: a parent writes its pages, forks children that
 * check what they inherited, write copies of it and pages of their own until memory is short, and exit; the parent
 * waits and checks that its pages are as it left them. At the end nothing may be left over.
 */
final class ForkFaultReclaimScenario {
    private static final long BASE = 0x7000_0000_0000L;
    private static final long CHILD_BASE = 0x7100_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;

    private final Kernel kernel;
    private final int parentPages;
    private final int childPages;
    private final int children;
    private final List<String> errors = new ArrayList<>();
    private long[] objectsBefore;
    private long framesBefore;
    private long swappedOut;
    private boolean done;

    ForkFaultReclaimScenario(Machine machine, KernelConfig config, int parentPages, int childPages, int children) {
        this.kernel = new Kernel(machine, config);
        this.parentPages = parentPages;
        this.childPages = childPages;
        this.children = children;
        Cpu boot = machine.bootCpu();
        kernel.start(boot);
        Sched.of(machine).spawn(boot, this::conduct, 0, "conductor", Task.PF_KTHREAD);
    }

    Kernel kernel() {
        return kernel;
    }

    List<String> errors() {
        return errors;
    }

    long swappedOut() {
        return swappedOut;
    }

    boolean done() {
        return done;
    }

    private void conduct(Cpu cpu) {
        settle(cpu);
        KmemCache[] caches = kernel.slabs().caches();
        objectsBefore = new long[caches.length];
        for (int i = 0; i < caches.length; i++) {
            objectsBefore[i] = caches[i].activeObjects(cpu);
        }
        framesBefore = framesInUse(cpu);
        kernel.processes().spawnInit(cpu, this::parent, 0, 1, Machine.of(cpu).cpus() - 1);
        // Ends when the last process is gone; the watchdog reports a hang.
        while (kernel.processes().live(cpu) != 0) {
            Sched.setState(cpu, Task.UNINTERRUPTIBLE);
            Sched.of(cpu).scheduleTimeout(cpu, 1);
        }
        settle(cpu);
        checkLeaks(cpu);
        swappedOut = kernel.vmStat().sum(cpu, VmStatItem.PSWPOUT);
        done = true;
        Machine.of(cpu).halt();
    }

    private void settle(Cpu cpu) {
        if (!kernel.vmscan().settle(cpu)) {
            errors.add("reclaim does not come to rest");
        }
        kernel.lru().drainAll(cpu);
        kernel.files().dropCaches(cpu);
        kernel.rcu().rcuBarrier(cpu);
        kernel.lru().drainAll(cpu);
    }

    private long framesInUse(Cpu cpu) {
        long slabPages = 0;
        for (KmemCache cache : kernel.slabs().caches()) {
            slabPages += cache.slabPages(cpu);
        }
        return kernel.pages().totalPages() - kernel.pages().freePageCount(cpu) - slabPages;
    }

    private void checkLeaks(Cpu cpu) {
        KmemCache[] caches = kernel.slabs().caches();
        for (int i = 0; i < caches.length; i++) {
            long extra = caches[i].activeObjects(cpu) - objectsBefore[i];
            if (extra != 0) {
                errors.add(caches[i].name() + " leaks " + extra + " objects");
            }
        }
        long frames = framesInUse(cpu) - framesBefore;
        if (frames != 0) {
            errors.add("frames leaked: " + frames);
        }
        if (kernel.swap().usedEntries(cpu) != 0) {
            errors.add("swap entries leaked: " + kernel.swap().usedEntries(cpu));
        }
    }

    private static long stamp(long who, long page) {
        return (who << 32 | page) * 2 + 1;
    }

    private void parent(Cpu cpu) {
        Entry.exit(cpu);
        map(cpu, BASE, parentPages);
        writeAll(cpu, BASE, parentPages, 1);
        int[] pids = new int[children];
        for (int i = 0; i < children; i++) {
            long id = i + 2L;
            Entry.enter(cpu);
            pids[i] = kernel.processes().fork(cpu, child -> child(child, id), 0, id, 0);
            Entry.exit(cpu);
        }
        for (int pid : pids) {
            if (pid > 0) {
                Entry.enter(cpu);
                kernel.processes().waitFor(cpu, pid);
                Entry.exit(cpu);
            } else {
                errors.add("fork failed: " + pid);
            }
        }
        verifyAll(cpu, BASE, parentPages, 1, "parent after children");
        exit(cpu);
    }

    private void child(Cpu cpu, long id) {
        Entry.exit(cpu);
        map(cpu, CHILD_BASE, childPages);
        writeAll(cpu, CHILD_BASE, childPages, id);
        verifyAll(cpu, BASE, parentPages, 1, "inherited");
        writeAll(cpu, BASE, parentPages / 2, id);
        verifyAll(cpu, BASE, parentPages / 2, id, "child's copies");
        verifyAll(cpu, CHILD_BASE, childPages, id, "child's own");
        Entry.enter(cpu);
        kernel.mmap().munmap(cpu, Processes.currentMm(cpu), CHILD_BASE, (long) childPages / 2 * PAGE);
        Entry.exit(cpu);
        exit(cpu);
    }

    private void map(Cpu cpu, long base, int pages) {
        Entry.enter(cpu);
        long at = kernel.mmap()
                .mmap(
                        cpu,
                        Processes.currentMm(cpu),
                        base,
                        (long) pages * PAGE,
                        VmArea.VM_READ | VmArea.VM_WRITE,
                        true,
                        0,
                        0);
        Entry.exit(cpu);
        if (at != base) {
            errors.add("mmap failed: " + at);
        }
    }

    private void writeAll(Cpu cpu, long base, int pages, long who) {
        for (int i = 0; i < pages; i++) {
            int status = kernel.userAccess()
                    .store64(cpu, Processes.currentMm(cpu), base + (long) i * PAGE + 16, stamp(who, i));
            if (status < 0) {
                errors.add("store failed: " + status);
                return;
            }
        }
    }

    private void verifyAll(Cpu cpu, long base, int pages, long who, String what) {
        for (int i = 0; i < pages; i++) {
            int status = kernel.userAccess()
                    .load64(cpu, Processes.currentMm(cpu), base + (long) i * PAGE + 16, stamp(who, i));
            if (status != 0) {
                errors.add(what + ": page " + i + " of process " + who + ": status " + status);
                return;
            }
        }
    }

    private void exit(Cpu cpu) {
        Entry.enter(cpu);
        kernel.processes().exit(cpu, Processes.killed(cpu) ? Processes.KILLED : 0);
    }
}
