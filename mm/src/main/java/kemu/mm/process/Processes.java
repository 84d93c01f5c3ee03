package kemu.mm.process;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.kernel.task.WaitQueue;
import kemu.mm.file.Files;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.types.MmStruct;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.Mmap;
import kemu.mm.vma.Mms;
import kemu.mm.vma.StackSetup;
import kemu.rcu.list.ListHead;

/**
 * fork, vfork, exec, exit and wait. Every call is made by the task it concerns. A process whose parent is gone belongs
 * to init, which reaps at once.
 *
 * <p>Source: Linux 2.6.36 kernel/fork.c do_fork(), fs/exec.c flush_old_exec(), kernel/exit.c do_exit() and do_wait().
 */
public final class Processes {
    /** fork flag: share the parent's address space. */
    public static final int CLONE_VM = 1;
    /** fork flag: the parent waits until the child execs or exits. */
    public static final int CLONE_VFORK = 2;
    /** fork flag: a thread; nobody waits for it. */
    public static final int CLONE_THREAD = 4;
    /** Exit code of a process that the OOM killer chose (128 + SIGKILL). */
    public static final int KILLED = 137;

    private static final LockClass TASKLIST = LockClass.of("tasklist_lock");
    private static final int FORK_TAG = Tags.tag("fork");
    private static final int EXIT_TAG = Tags.tag("exit");

    private final Mms mms;
    private final Sched sched;
    private final KmemCache cache;
    private final long tasklistLock;
    private final long liveCount;
    private final Exec exec;

    /** {@code stacks} moves those of programs that start; null if they are mapped where they will be. Boot only. */
    public Processes(Machine machine, SlabAllocator slabs, Files files, Mms mms, Mmap mmap, StackSetup stacks) {
        this.mms = mms;
        this.sched = Sched.of(machine);
        Cpu boot = machine.bootCpu();
        cache = slabs.create(boot, "process", Process.LAYOUT, 64, 0, null);
        // One small object of the cache holds the two globals of this class.
        long globals = cache.alloc(boot, Gfp.NOWAIT);
        tasklistLock = globals;
        liveCount = globals + SpinLock.LAYOUT.sizeBytes();
        SpinLock.init(boot, tasklistLock, TASKLIST);
        boot.write64(liveCount, 0);
        exec = new Exec(files, mms, mmap, stacks == null ? null : new ExecStack(stacks));
    }

    /** The process of the current task. */
    public static @Ref(Process.class) long current(Cpu cpu) {
        return Task.PROCESS.get(cpu, Sched.current(cpu));
    }

    /** The address space of the current task. */
    public static @Ref(MmStruct.class) long currentMm(Cpu cpu) {
        return Task.MM.get(cpu, Sched.current(cpu));
    }

    /** Processes that exist, zombies included. Racy. */
    public long live(Cpu cpu) {
        return cpu.readOnce64(liveCount);
    }

    /** True if the OOM killer chose the current task: it must call {@link #exit} with {@link #KILLED} now. */
    public static boolean killed(Cpu cpu) {
        return (Task.FLAGS.readOnce(cpu, Sched.current(cpu)) & Task.PF_OOM_VICTIM) != 0;
    }

    /**
     * Makes a child of init with an empty address space: the first process of a workload. Boot or any task.
     *
     * @return its pid, or a negative errno
     */
    public int spawnInit(Cpu cpu, TaskBody body, int comm, long hostId, int on) {
        long mm = mms.mmAlloc(cpu);
        if (mm == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        long child = allocate(cpu, mm, body, comm, hostId, on);
        if (child == Cpu.NULL) {
            mms.mmput(cpu, mm);
            return Errno.EAGAIN;
        }
        int pid = Process.PID.get(cpu, child);
        sched.start(cpu, Process.TASK.get(cpu, child));
        return pid;
    }

    /**
     * do_fork: makes a child of the current process that runs {@code body}. With {@link #CLONE_VFORK} it returns once
     * the child has called exec or exit. Context: may sleep.
     *
     * @return the child's pid, or -ENOMEM or -EAGAIN
     */
    public int fork(Cpu cpu, TaskBody body, int comm, long hostId, int flags) {
        long start = cpu.clock();
        long parent = current(cpu);
        long parentMm = currentMm(cpu);
        long mm = parentMm;
        if ((flags & CLONE_VM) != 0) {
            mms.mmget(cpu, mm);
        } else {
            mm = mms.dupMm(cpu, parentMm);
            if (mm == Cpu.NULL) {
                return Errno.ENOMEM;
            }
        }
        // A vfork parent gives its CPU to the child; anybody else's child goes where there is room.
        int on = (flags & CLONE_VFORK) != 0 ? cpu.id() : sched.leastLoaded(cpu);
        long child = allocate(cpu, mm, body, comm, hostId, on);
        if (child == Cpu.NULL) {
            mms.mmput(cpu, mm);
            return Errno.EAGAIN;
        }
        Process.THREAD.set(cpu, child, (flags & CLONE_THREAD) != 0 ? 1 : 0);
        if ((flags & CLONE_THREAD) == 0) {
            adopt(cpu, parent, child);
        }
        int pid = Process.PID.get(cpu, child);
        boolean vfork = (flags & CLONE_VFORK) != 0;
        if (vfork) {
            Process.REFS.add(cpu, child, 1);
        }
        sched.start(cpu, Process.TASK.get(cpu, child));
        cpu.record(FORK_TAG, cpu.clock() - start);
        if (vfork) {
            waitForVfork(cpu, child);
            release(cpu, child);
        }
        return pid;
    }

    private long allocate(Cpu cpu, long mm, TaskBody body, int comm, long hostId, int on) {
        long process = cache.alloc(cpu, Gfp.KERNEL);
        if (process == Cpu.NULL) {
            return Cpu.NULL;
        }
        long task = sched.create(cpu, body, on, comm, 0);
        if (task == Cpu.NULL) {
            cache.free(cpu, process);
            return Cpu.NULL;
        }
        Process.REFS.writeOnce(cpu, process, 1);
        Process.STATE.writeOnce(cpu, process, Process.ALIVE);
        Process.EXIT_CODE.set(cpu, process, 0);
        Process.VFORK_DONE.writeOnce(cpu, process, 0);
        Process.THREAD.set(cpu, process, 0);
        Process.PID.set(cpu, process, Task.PID.get(cpu, task));
        Process.TASK.set(cpu, process, task);
        Process.MM.set(cpu, process, mm);
        Process.PARENT.set(cpu, process, Cpu.NULL);
        ListHead.init(cpu, Process.CHILDREN.of(process));
        ListHead.init(cpu, Process.SIBLING.of(process));
        WaitQueue.init(cpu, Process.CHILD_EXIT.of(process));
        WaitQueue.init(cpu, Process.VFORK_WAIT.of(process));
        Process.HOST_ID.set(cpu, process, hostId);
        Task.MM.writeOnce(cpu, task, mm);
        mms.lookup().mmSwitched(cpu, task);
        Task.PROCESS.writeOnce(cpu, task, process);
        cpu.fetchAdd64(liveCount, 1, kemu.hw.order.Order.RELAXED);
        return process;
    }

    private void adopt(Cpu cpu, long parent, long child) {
        Process.REFS.add(cpu, child, 1);
        SpinLock.lock(cpu, tasklistLock);
        Process.PARENT.set(cpu, child, parent);
        ListHead.addTail(cpu, Process.SIBLING.of(child), Process.CHILDREN.of(parent));
        SpinLock.unlock(cpu, tasklistLock);
    }

    private void waitForVfork(Cpu cpu, long child) {
        long queue = Process.VFORK_WAIT.of(child);
        while (Process.VFORK_DONE.acquire(cpu, child) == 0) {
            WaitQueue.prepare(cpu, queue, Task.UNINTERRUPTIBLE);
            if (Process.VFORK_DONE.acquire(cpu, child) == 0) {
                sched.schedule(cpu);
            }
            WaitQueue.finish(cpu, queue);
        }
    }

    /** mm_release: lets a vfork parent go on. The child does not touch the old mm after this. */
    private void mmRelease(Cpu cpu, long process) {
        if (Process.VFORK_DONE.readOnce(cpu, process) == 0) {
            Process.VFORK_DONE.release(cpu, process, 1);
            WaitQueue.wakeAll(cpu, Process.VFORK_WAIT.of(process));
        }
    }

    /**
     * do_execve: replaces the current address space by {@code image}; on failure the old one stays. Context: may sleep.
     *
     * @return 0, or a negative errno
     */
    public int exec(Cpu cpu, ExecImage image) {
        long mm = exec.load(cpu, image);
        if (mm == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        long task = Sched.current(cpu);
        long process = current(cpu);
        long old = Task.MM.get(cpu, task);
        MmStruct.MEMLOCK_LIMIT.set(cpu, mm, MmStruct.MEMLOCK_LIMIT.get(cpu, old));
        Task.MM.writeOnce(cpu, task, mm);
        mms.lookup().mmSwitched(cpu, task);
        Process.MM.set(cpu, process, mm);
        Task.COMM.writeOnce(cpu, task, image.comm());
        MmStruct.OWNER.set(cpu, mm, Process.PID.get(cpu, process));
        mms.mmput(cpu, old);
        mmRelease(cpu, process);
        return 0;
    }

    /**
     * do_exit: gives up the address space, hands children to init, becomes a zombie and tells the parent. The task's
     * body returns after this and touches nothing of its process. Context: may sleep.
     */
    public void exit(Cpu cpu, int code) {
        long start = cpu.clock();
        long task = Sched.current(cpu);
        long process = current(cpu);
        long mm = Task.MM.get(cpu, task);
        Task.MM.writeOnce(cpu, task, Cpu.NULL);
        Process.MM.set(cpu, process, Cpu.NULL);
        mms.mmput(cpu, mm);
        mmRelease(cpu, process);
        Process.EXIT_CODE.set(cpu, process, code);
        Task.EXIT_CODE.set(cpu, task, code);
        notifyFamily(cpu, process);
        Task.PROCESS.writeOnce(cpu, task, Cpu.NULL);
        release(cpu, process);
        cpu.record(EXIT_TAG, cpu.clock() - start);
    }

    private void notifyFamily(Cpu cpu, long process) {
        SpinLock.lock(cpu, tasklistLock);
        long head = Process.CHILDREN.of(process);
        // Ends: every round unlinks one child.
        while (!ListHead.empty(cpu, head)) {
            long child = Process.SIBLING.containerOf(ListHead.next(cpu, head));
            ListHead.delInit(cpu, Process.SIBLING.of(child));
            Process.PARENT.set(cpu, child, Cpu.NULL);
            if (Process.STATE.get(cpu, child) == Process.ZOMBIE) {
                release(cpu, child);
            } else {
                Process.REFS.add(cpu, child, -1);
            }
        }
        Process.STATE.writeOnce(cpu, process, Process.ZOMBIE);
        long parent = Process.PARENT.get(cpu, process);
        if (parent != Cpu.NULL) {
            WaitQueue.wakeAll(cpu, Process.CHILD_EXIT.of(parent));
        }
        SpinLock.unlock(cpu, tasklistLock);
    }

    private void release(Cpu cpu, long process) {
        if (Process.REFS.addReturn(cpu, process, -1) == 0) {
            sched.put(cpu, Process.TASK.get(cpu, process));
            cache.free(cpu, process);
            cpu.fetchAdd64(liveCount, -1, kemu.hw.order.Order.RELAXED);
        }
    }

    /**
     * wait4 for one child: returns once it has exited, and reaps it. Context: may sleep.
     *
     * @return {@code pid}, or -ECHILD if the caller has no such child
     */
    public int waitFor(Cpu cpu, int pid) {
        long self = current(cpu);
        long queue = Process.CHILD_EXIT.of(self);
        // Ends when the child exits; the caller is woken by every exit of a child.
        while (true) {
            WaitQueue.prepare(cpu, queue, Task.INTERRUPTIBLE);
            int found = reap(cpu, self, pid);
            if (found != 0) {
                WaitQueue.finish(cpu, queue);
                return found;
            }
            if (killed(cpu)) {
                WaitQueue.finish(cpu, queue);
                return Errno.ECHILD;
            }
            sched.schedule(cpu);
        }
    }

    /** The pid if the child is reaped now, 0 if it lives, -ECHILD if there is none. */
    private int reap(Cpu cpu, long self, int pid) {
        SpinLock.lock(cpu, tasklistLock);
        long head = Process.CHILDREN.of(self);
        int result = Errno.ECHILD;
        for (long node = ListHead.next(cpu, head); node != head; node = ListHead.next(cpu, node)) {
            long child = Process.SIBLING.containerOf(node);
            if (Process.PID.get(cpu, child) == pid) {
                result = 0;
                if (Process.STATE.get(cpu, child) == Process.ZOMBIE) {
                    ListHead.delInit(cpu, node);
                    Process.PARENT.set(cpu, child, Cpu.NULL);
                    result = pid;
                    release(cpu, child);
                }
                break;
            }
        }
        SpinLock.unlock(cpu, tasklistLock);
        return result;
    }
}
