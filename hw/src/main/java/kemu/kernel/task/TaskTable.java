package kemu.kernel.task;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;

/** All task slots of a machine: an array laid out at boot, with a free list and the pid counter in emulated memory. */
public final class TaskTable {
    private static final LockClass TABLE_LOCK = LockClass.of("task_table_lock");
    private static final int FREE_HEAD = 16;
    private static final int NEXT_PID = 24;
    private static final int LIVE = 32;
    private static final int HEADER_BYTES = 64;

    private final long header;
    private final long first;
    private final int count;

    TaskTable(Machine machine, Cpu boot) {
        count = machine.config().maxTasks();
        int size = Task.LAYOUT.sizeBytes();
        header = machine.bootAllocator().allocate(boot, HEADER_BYTES, 64, "task_table");
        first = machine.bootAllocator().allocate(boot, (long) size * count, 64, "task_struct[]");
        SpinLock.init(boot, header, TABLE_LOCK);
        // Slot 0 ends up at the head of the list, so slots are used in ascending order.
        for (int i = count - 1; i >= 0; i--) {
            Task.FREE_NEXT.set(boot, at(i), boot.read64(header + FREE_HEAD));
            Task.STATE.set(boot, at(i), Task.DEAD);
            boot.write64(header + FREE_HEAD, at(i));
        }
    }

    /** Number of slots. */
    public int count() {
        return count;
    }

    /** The task in slot {@code slot}; dead if the slot is free. */
    public @Ref(Task.class) long at(int slot) {
        return first + (long) slot * Task.LAYOUT.sizeBytes();
    }

    /** The slot of {@code task}. */
    public int slot(@Ref(Task.class) long task) {
        return (int) ((task - first) / Task.LAYOUT.sizeBytes());
    }

    /** Tasks that are not free. Racy. */
    public int live(Cpu cpu) {
        return cpu.readOnce32(header + LIVE);
    }

    @Ref(Task.class)
    long allocate(Cpu cpu) {
        Preempt.irqDisable(cpu);
        SpinLock.lock(cpu, header);
        long task = cpu.read64(header + FREE_HEAD);
        if (task != Cpu.NULL) {
            cpu.write64(header + FREE_HEAD, Task.FREE_NEXT.get(cpu, task));
            int pid = cpu.read32(header + NEXT_PID);
            cpu.write32(header + NEXT_PID, pid + 1);
            cpu.writeOnce32(header + LIVE, cpu.read32(header + LIVE) + 1);
            clear(cpu, task);
            Task.PID.writeOnce(cpu, task, pid);
        }
        SpinLock.unlock(cpu, header);
        Preempt.irqEnable(cpu);
        return task;
    }

    private static void clear(Cpu cpu, long task) {
        for (int at = 0; at < Task.LAYOUT.sizeBytes(); at += 8) {
            // RACE: the hung-task detector and the OOM killer look at all slots, and again before they act.
            cpu.writeOnce64(task + at, 0);
        }
    }

    void free(Cpu cpu, @Ref(Task.class) long task) {
        Preempt.irqDisable(cpu);
        SpinLock.lock(cpu, header);
        Task.FREE_NEXT.set(cpu, task, cpu.read64(header + FREE_HEAD));
        cpu.write64(header + FREE_HEAD, task);
        cpu.writeOnce32(header + LIVE, cpu.read32(header + LIVE) - 1);
        SpinLock.unlock(cpu, header);
        Preempt.irqEnable(cpu);
    }
}
