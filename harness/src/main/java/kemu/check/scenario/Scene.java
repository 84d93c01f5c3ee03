package kemu.check.scenario;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.slab.Failslab;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.VmArea;

/** What scenarios build their scenes from: address spaces with one anonymous page. */
public final class Scene {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;

    private final Kernel kernel;

    /** A scene on {@code kernel}, which has booted. */
    public Scene(Kernel kernel) {
        this.kernel = kernel;
    }

    /** CPU {@code id}, to build on. Free lists are per CPU: what a CPU frees, the same CPU allocates next. */
    public Cpu cpu(int id) {
        return kernel.machine().cpu(id);
    }

    /** A new address space with one writable anonymous page mapped, not yet touched. */
    public long newMm(Cpu cpu) {
        long mm = kernel.mms().mmAlloc(cpu);
        long at = kernel.mmap().mmap(cpu, mm, BASE, PAGE, VmArea.VM_READ | VmArea.VM_WRITE, true, Cpu.NULL, 0);
        if (at != BASE) {
            throw new SceneBroken("mmap returns " + at);
        }
        return mm;
    }

    /** A new address space that has written to its page, so that it has an anon_vma. */
    public long newWriter(Cpu cpu) {
        long mm = newMm(cpu);
        write(cpu, mm);
        return mm;
    }

    /** A new address space that has read its page: its first write is about the anon_vma only, see {@link #read}. */
    public long newReader(Cpu cpu) {
        long mm = newMm(cpu);
        read(cpu, mm);
        return mm;
    }

    /** A child of {@code parent}, by fork, that has written to its page: it maps a copy, in an anon_vma of its own. */
    public long forkWriter(Cpu cpu, long parent) {
        long child = fork(cpu, parent);
        write(cpu, child);
        return child;
    }

    /** fork's copy of {@code mm}. */
    public long fork(Cpu cpu, long mm) {
        long child = kernel.mms().dupMm(cpu, mm);
        if (child == Cpu.NULL) {
            throw new SceneBroken("fork failed");
        }
        return child;
    }

    /** A write fault, if the page is not there or not writable, and the write. */
    public void write(Cpu cpu, long mm) {
        int code = kernel.userAccess().store64(cpu, mm, BASE, 7);
        if (code != 0) {
            throw new SceneBroken("a write to user memory fails with " + code);
        }
    }

    /** A read, which brings the page tables and maps the zero page: a later write fault is about the anon_vma only. */
    public void read(Cpu cpu, long mm) {
        int code = kernel.userAccess().load64(cpu, mm, BASE, 0);
        if (code < 0) {
            throw new SceneBroken("a read of user memory fails with " + code);
        }
    }

    /** exit: the last user of {@code mm} drops it. */
    public void exit(Cpu cpu, long mm) {
        kernel.mms().mmput(cpu, mm);
    }

    /** The page that {@code mm} maps, with a reference: as reclaim holds it, taken off the LRU. */
    public long isolatedPage(Cpu cpu, long mm) {
        long page = kernel.pages().pageOf(Pte.frame(pte(cpu, mm)));
        Page.get(cpu, page);
        return page;
    }

    /** The anon_vma of the page that {@code mm} maps. */
    public long anonVma(Cpu cpu, long mm) {
        return Page.MAPPING.readOnce(cpu, kernel.pages().pageOf(Pte.frame(pte(cpu, mm)))) - Page.MAPPING_ANON;
    }

    /** The pte of the page. */
    public long pte(Cpu cpu, long mm) {
        long pte = kernel.pageTable().find(cpu, mm, BASE);
        if (pte == Cpu.NULL) {
            throw new SceneBroken("there is no page table for the page");
        }
        return cpu.readOnce64(pte);
    }

    /** Asks whether {@code page} was referenced, as shrink_active_list does. */
    public void pageReferenced(Cpu cpu, long page) {
        kernel.rmapWalk().pageReferenced(cpu, page, true);
    }

    /** The task of reclaim, on CPU 0, which asks once whether {@code page} was referenced. */
    public void reclaim(long page) {
        task(0, "reclaim", cpu -> pageReferenced(cpu, page));
    }

    /** A task of the race. */
    public void task(int on, String name, TaskBody body) {
        Sched.of(kernel.machine()).spawn(cpu(on), body, on, name, Task.PF_KTHREAD);
    }

    /** A task that serves the others for ever, as the thread of grace periods does. */
    public void daemon(int on, String name, TaskBody body) {
        Sched.of(kernel.machine()).spawn(cpu(on), body, on, name, Task.PF_KTHREAD | Task.PF_DAEMON);
    }

    /**
     * Lets grace periods go on in the race: lists the thread that runs them, on CPU {@code on}, and sees to it that a
     * CPU whose tasks have ended, or sleep, idles. Nothing else stands in for ticks: a CPU holds a grace period up
     * until it switches tasks and idles, or calls {@link #quiescent}. Callbacks run where {@link #callbacks} is called.
     *
     * <p>For scenarios that are not {@link Scenario#preemptible}.
     */
    public void gracePeriods(int on) {
        for (int id = 0; id < kernel.machine().cpus(); id++) {
            if (id == on) {
                daemon(id, kernel.rcu().flavor().name(), kernel.rcu()::runGracePeriods);
            } else {
                idles(id);
            }
        }
    }

    /**
     * Lets CPU {@code on} idle and serve interrupts when its other tasks have ended; otherwise it is out of the race.
     */
    public void idles(int on) {
        daemon(on, "idles", Scene::sleepForEver);
    }

    private static void sleepForEver(Cpu cpu) {
        // Never woken: the CPU idles whenever its other tasks have ended or sleep.
        while (true) {
            Sched.setState(cpu, Task.INTERRUPTIBLE);
            Sched.of(cpu).schedule(cpu);
        }
    }

    /**
     * Does what a tick does that finds the task between two kernel calls: it reports a quiescent state to the grace
     * period that waits for this CPU, if one does, and invokes callbacks whose grace period is over.
     */
    public void quiescent(Cpu cpu) {
        kernel.rcu().advance(cpu);
    }

    /**
     * Does what a tick does that interrupts the task here: {@link #quiescent}, unless the task is an RCU reader or
     * cannot be preempted.
     */
    public void tick(Cpu cpu) {
        if (Preempt.count(cpu) == 0 && !Preempt.irqsDisabled(cpu) && !Task.inReader(cpu, Sched.current(cpu))) {
            quiescent(cpu);
        }
    }

    /**
     * Lets allocations of {@code caches} fail in the race, {@code upTo} of them, any ones: the explorer decides which,
     * and also tries that none does. A task of its own on CPU {@code on}, which has no other, calls for one failure
     * after another; whichever allocation comes next then fails. One that comes too late fails nothing. Allocations of
     * the scene and of its end never fail.
     */
    public void mayFail(int on, int upTo, KmemCache... caches) {
        Failslab failures = new Failslab(word(cpu(on)));
        for (KmemCache cache : caches) {
            cache.failAs(failures);
        }
        task(on, "shortage", cpu -> {
            for (int i = 0; i < upTo; i++) {
                failures.failOne(cpu);
            }
        });
    }

    /** The cache called {@code name}. */
    public KmemCache cache(String name) {
        for (KmemCache cache : kernel.slabs().caches()) {
            if (cache.name().equals(name)) {
                return cache;
            }
        }
        throw new SceneBroken("there is no slab cache " + name);
    }

    /** The address of a new word for the scene itself, which is zero and alone on its page. */
    public long word(Cpu cpu) {
        long frame = kernel.pages().frameOf(kernel.pages().allocPages(cpu, Gfp.KERNEL, 0));
        cpu.clearFrame(frame);
        return frame;
    }

    /**
     * A number from which tasks draw what they do: another one in each execution of a search that samples, and the same
     * again in a replay. An exhaustive search covers one of them.
     */
    public long lot() {
        return ((EmuMachine) kernel.machine()).drawLot();
    }

    /** True if any callback is still to run, on any CPU. */
    public boolean callbacksLeft(Cpu cpu) {
        return kernel.rcu().callbacksInvoked(cpu) != kernel.rcu().callbacksQueued(cpu);
    }

    /** Does what ticks and softirqs do for the callbacks of this CPU: waits for a grace period, then runs them. */
    public void callbacks(Cpu cpu) {
        kernel.rcu().advance(cpu);
        kernel.rcu().synchronizeRcu(cpu);
        kernel.rcu().advance(cpu);
    }
}
