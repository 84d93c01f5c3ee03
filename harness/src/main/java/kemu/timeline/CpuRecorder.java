package kemu.timeline;

import kemu.hw.cpu.Event;
import kemu.hw.cpu.LatencySink;
import kemu.hw.cpu.Mode;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.cpu.NativeWitness;
import kemu.hw.machine.Area;
import kemu.kernel.context.Task;
import kemu.locks.LockTimes;

/**
 * Puts what one CPU does into its ring: told of tasks, modes, interrupts and RCU as a witness, of locks by whoever
 * measures them, of operations as a sink of latencies. A record is made when something is over, so what still goes on
 * at the end has none. Own thread only.
 */
final class CpuRecorder extends NativeWitness {
    private final NativeCpu cpu;
    private final Ring ring;
    /** Told before; null until this is a witness. */
    private NativeWitness next;

    private int mode = Mode.KERNEL;
    private long interruptSince;

    CpuRecorder(NativeCpu cpu, Ring ring) {
        this.cpu = cpu;
        this.ring = ring;
    }

    /** From now on the CPU tells this, which tells who was told before. Before the machine starts. */
    void attach() {
        next = cpu.witness();
        cpu.attach(this);
    }

    private int pid() {
        return Area.CURRENT_PID.get(cpu, cpu.area());
    }

    private void put(int kind, int detail, long object, long more) {
        ring.put(cpu.clock(), kind, detail, pid(), object, more);
    }

    @Override
    public void told(NativeCpu by, int event, long object, long detail) {
        next.told(by, event, object, detail);
        switch (event) {
            case Event.TASK_SWITCHED -> switched(object, detail);
            case Event.MODE_SET -> mode((int) object);
            case Event.IRQ_ENTERED -> interruptSince = cpu.clock();
            case Event.IRQ_LEFT -> {
                put(RecordKind.INTERRUPT, (int) object, 0, interruptSince);
                interruptSince = 0;
            }
            case Event.TASK_WOKEN -> put(RecordKind.WOKEN, 0, Task.PID.readOnce(cpu, object), 0);
            case Event.RCU_QUEUED -> put(RecordKind.QUEUED, 0, object, 0);
            case Event.RCU_INVOKED -> put(RecordKind.INVOKED, 0, object, 0);
            case Event.RCU_GRACE_BEGUN -> put(RecordKind.GRACE_BEGUN, 0, object, 0);
            case Event.RCU_GRACE_OVER -> put(RecordKind.GRACE_OVER, 0, object, 0);
            case Event.RCU_QUIESCENT -> put(RecordKind.QUIESCENT, 0, object, detail);
            default -> {
                // Not drawn; or a lock, which is told when it has been held.
            }
        }
    }

    private void switched(long to, long from) {
        ring.put(
                cpu.clock(),
                RecordKind.SWITCHED,
                Task.COMM.readOnce(cpu, to),
                Task.PID.readOnce(cpu, to),
                Task.PID.readOnce(cpu, from),
                Task.COMM.readOnce(cpu, from));
    }

    private void mode(int to) {
        if (to != mode) {
            put(RecordKind.MODE, to, 0, mode);
            mode = to;
        }
    }

    /** What the CPU does now. Machine at rest. */
    int mode() {
        return mode;
    }

    /** Since when it serves an interrupt; 0 if it does not. Machine at rest. */
    long interruptSince() {
        return interruptSince;
    }

    /** Told of locks. */
    LockTimes locks() {
        return new LockTimes() {
            @Override
            public void waited(int key, long lock, long since, long now) {
                ring.put(now, RecordKind.WAITED, key, pid(), lock, since);
            }

            @Override
            public void held(int key, long lock, long since, long now) {
                ring.put(now, RecordKind.HELD, key, pid(), lock, since);
            }
        };
    }

    /** Told of operations; tells {@code other} as well. */
    LatencySink operations(LatencySink other) {
        return (tag, elapsed) -> {
            long now = cpu.clock();
            ring.put(now, RecordKind.OPERATION, tag, pid(), 0, now - elapsed);
            other.record(tag, elapsed);
        };
    }
}
