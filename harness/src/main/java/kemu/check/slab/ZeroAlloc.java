package kemu.check.slab;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.kernel.locking.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.slab.SlabAllocator;

/**
 * A stale lookup holds the lock of an object that is free by now: legal, since the constructor made the lock once. An
 * allocator that clears the object, or constructs it again, wipes the lock from under it.
 */
final class ZeroAlloc implements SlabScenario {
    @Override
    public String name() {
        return "slab-zalloc";
    }

    @Override
    public String description() {
        return "a lock taken by a stale lookup against reuse that clears or constructs the object anew";
    }

    @Override
    public List<String> variants() {
        return List.of("ctor-once", "zero-on-alloc", "ctor-on-alloc");
    }

    @Override
    public Expectation expected(Subject subject) {
        if (subject.variant().equals("ctor-once")) {
            return Expectation.HOLDS;
        }
        return switch (subject.spinLock()) {
            // The lock is one word: wiped, it is unlocked.
            case "tas" -> Expectation.fails(FailureKind.LOCK_WIPED);
            case "debug" -> Expectation.fails(FailureKind.LOCK_WIPED, FailureKind.BAD_UNLOCK);
            // The next task waits for a ticket that is never called, unless the holder notices the wipe first.
            default -> Expectation.fails(FailureKind.HANG).withSigns(FailureKind.LOCK_WIPED);
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        ConnTable conns = new ConnTable(kernel, boot, SlabAllocator.SLAB_DESTROY_BY_RCU);
        add(boot, conns, ConnTable.A, "ctor-once");
        scene.task(0, "lookup", conns.lookup(ConnTable.A, ZeroAlloc::lookUnderLock));
        scene.task(1, "remove+add", cpu -> {
            remove(cpu, conns, ConnTable.A);
            add(cpu, conns, ConnTable.B, variant);
        });
        // The removal takes the lock: one whose tickets were wiped hangs.
        return cpu -> remove(cpu, conns, ConnTable.B);
    }

    private static void lookUnderLock(Cpu cpu, long conn) {
        SpinLock.lock(cpu, Conn.TYPE.lock(conn));
        long key = Conn.KEY.readOnce(cpu, conn);
        if (Conn.KEY.readOnce(cpu, conn) != key || !SpinLock.isLocked(cpu, Conn.TYPE.lock(conn))) {
            throw new Violation(
                    FailureKind.LOCK_WIPED,
                    "BUG: the lock was wiped while it was held on CPU#" + cpu.id() + ": "
                            + SpinLock.describe(cpu, Conn.TYPE.lock(conn)));
        }
        SpinLock.unlock(cpu, Conn.TYPE.lock(conn));
    }

    private static void add(Cpu cpu, ConnTable conns, long key, String variant) {
        long conn = conns.alloc(cpu);
        switch (variant) {
            case "zero-on-alloc" -> {
                // Known bad: kmem_cache_zalloc clears the object. Clearing the words of the lock is enough here.
                long lock = Conn.TYPE.lock(conn);
                for (int at = 0; at < SpinLock.LAYOUT.sizeBytes(); at += Integer.BYTES) {
                    cpu.writeOnce32(lock + at, 0);
                }
            }
            // Known bad: the constructor runs again on a lock that somebody may hold.
            case "ctor-on-alloc" -> Conn.TYPE.construct(cpu, conn);
            default -> {}
        }
        SpinLock.lock(cpu, Conn.TYPE.lock(conn));
        Conn.KEY.writeOnce(cpu, conn, key);
        SpinLock.unlock(cpu, Conn.TYPE.lock(conn));
        conns.publish(cpu, conn, key);
    }

    private static void remove(Cpu cpu, ConnTable conns, long key) {
        long conn = conns.unpublish(cpu, key);
        SpinLock.lock(cpu, Conn.TYPE.lock(conn));
        Conn.KEY.writeOnce(cpu, conn, 0);
        SpinLock.unlock(cpu, Conn.TYPE.lock(conn));
        conns.cache().free(cpu, conn);
    }
}
