package kemu.check.slab;

import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;

/** Connections by key: a table with one place per key, read under RCU and written by one CPU. */
final class ConnTable {
    /** The key that is looked up. */
    static final long A = 1;
    /** The key that comes after. */
    static final long B = 2;

    private static final int PLACES = 4;
    private static final StructLayout.Builder S = StructLayout.struct("conn_table");
    private static final Embedded PLACE = S.words("place", PLACES);
    private static final StructLayout LAYOUT = S.build(8);

    private static final StructLayout.Builder F = StructLayout.struct("foreign");
    /** Where a connection has its magic. */
    private static final RefField OWNER = F.ref("owner", Object.class);

    private static final StructLayout FOREIGN;

    static {
        // As large as a connection.
        F.words("rest", Conn.LAYOUT.sizeBytes() / Long.BYTES - 1);
        FOREIGN = F.build(8);
    }

    private final Kernel kernel;
    private final KmemCache cache;
    private final KmemCache others;
    private final long table;

    /** An empty table on a kernel that has booted; {@code slabFlags} are those of the cache of connections. */
    ConnTable(Kernel kernel, Cpu boot, int slabFlags) {
        this.kernel = kernel;
        SlabAllocator slabs = kernel.slabs();
        cache = slabs.create(
                boot, "conn", Conn.LAYOUT.sizeBytes(), 0, slabFlags | SlabAllocator.SLAB_PANIC, Conn::construct);
        others = slabs.create(
                boot,
                "foreign",
                FOREIGN.sizeBytes(),
                0,
                SlabAllocator.SLAB_PANIC,
                (cpu, object) -> OWNER.writeOnce(cpu, object, object));
        KmemCache tables = slabs.create(boot, "conn_table", LAYOUT.sizeBytes(), 0, SlabAllocator.SLAB_PANIC, null);
        table = tables.alloc(boot, Gfp.NOWAIT);
        for (int i = 0; i < PLACES; i++) {
            boot.write64(PLACE.of(table) + (long) i * Long.BYTES, Cpu.NULL);
        }
    }

    KmemCache cache() {
        return cache;
    }

    private long place(long key) {
        return PLACE.of(table) + key * Long.BYTES;
    }

    /** A free connection; its contents are what its last life left. */
    long alloc(Cpu cpu) {
        long conn = cache.alloc(cpu, Gfp.NOWAIT);
        if (conn == Cpu.NULL) {
            throw new SceneBroken("no memory for a conn");
        }
        return conn;
    }

    /** Lets {@code conn} be found under {@code key}. */
    void publish(Cpu cpu, long conn, long key) {
        kernel.rcu().assignPointer(cpu, place(key), conn);
    }

    /** From now on nothing is found under {@code key}; returns what was. */
    long unpublish(Cpu cpu, long key) {
        long conn = cpu.readOnce64(place(key));
        cpu.writeOnce64(place(key), Cpu.NULL);
        return conn;
    }

    /** A new connection of {@code key}, counted once for the table. */
    void add(Cpu cpu, long key) {
        long conn = alloc(cpu);
        Conn.KEY.writeOnce(cpu, conn, key);
        Conn.REFS.release(cpu, conn, 1);
        publish(cpu, conn, key);
    }

    /** The connection of {@code key} leaves the table; the last user frees it. */
    void remove(Cpu cpu, long key) {
        put(cpu, unpublish(cpu, key));
    }

    /** Drops one reference; the last one frees. */
    void put(Cpu cpu, long conn) {
        if (Conn.REFS.addReturn(cpu, conn, -1) == 0) {
            Conn.KEY.writeOnce(cpu, conn, 0);
            cache.free(cpu, conn);
        }
    }

    /** What a lookup does with a connection that it has found. */
    @FunctionalInterface
    interface Use {
        void use(Cpu cpu, long conn);
    }

    /** A task that looks up {@code key} as an RCU reader and uses what it finds, if anything, while it is one. */
    TaskBody lookup(long key, Use use) {
        return cpu -> {
            kernel.rcu().readLock(cpu);
            long conn = find(cpu, key);
            if (conn != Cpu.NULL) {
                use.use(cpu, conn);
            }
            kernel.rcu().readUnlock(cpu);
        };
    }

    /** The task that removes {@link #A} and adds {@link #B}: the object freed is the first to be handed out again. */
    void replace(Cpu cpu) {
        remove(cpu, A);
        add(cpu, B);
    }

    /** What the table has under {@code key}, or NULL; it may be freed or reused at any time. Context: RCU reader. */
    long find(Cpu cpu, long key) {
        return kernel.rcu().dereference(cpu, place(key));
    }

    /** Known bad: {@link #find} outside a reader, by a plain once-load, since RCU's own would notice. */
    long findUnprotected(Cpu cpu, long key) {
        return cpu.readOnce64(place(key));
    }

    /** Uses {@code conn} for a caller that looked up {@code key} and holds it. */
    void act(Cpu cpu, long conn, long key) {
        checkType(cpu, conn);
        long is = Conn.KEY.readOnce(cpu, conn);
        if (is != key) {
            throw new Violation(
                    FailureKind.WRONG_OBJECT,
                    "BUG: lookup of key " + key + " acts on another connection, of key " + is + ": "
                            + Machine.of(cpu).memory().symbols().nameOf(conn) + ", on CPU#" + cpu.id());
        }
    }

    /** Checks that what was found is a connection, whichever of its lives it is in. */
    void checkType(Cpu cpu, long conn) {
        long magic = Conn.MAGIC.readOnce(cpu, conn);
        if (magic != Conn.TYPE) {
            throw new Violation(
                    FailureKind.TYPE_CONFUSION,
                    "BUG: type confusion: a conn was found at 0x" + Long.toHexString(conn) + ", which is now: "
                            + Machine.of(cpu).memory().symbols().nameOf(conn) + ", on CPU#" + cpu.id());
        }
    }

    /** Adds {@code key} as the only object of a slab that no CPU allocates from: once freed, its page may go. */
    void addAlone(Cpu boot, long key) {
        long[] filling = new long[cache.objectsPerSlab()];
        add(boot, key);
        for (int i = 1; i < filling.length; i++) {
            filling[i] = alloc(boot);
        }
        long next = alloc(boot);
        for (int i = 1; i < filling.length; i++) {
            cache.free(boot, filling[i]);
        }
        cache.free(boot, next);
    }

    /** Allocates an object of another type, which may take a freed page for its slab and writes to it. */
    void allocForeign(Cpu cpu) {
        long object = others.alloc(cpu, Gfp.NOWAIT);
        if (object == Cpu.NULL) {
            throw new SceneBroken("no memory for another type");
        }
    }

    /**
     * Checks that the page of the connection now holds objects of the other type; otherwise there was nothing to race
     * for. Context: the final condition.
     */
    void checkRecycled(Cpu cpu) {
        if (others.totalObjects(cpu) == 0 || cache.slabPages(cpu) != 1 || others.slabPages(cpu) != 1) {
            throw new SceneBroken(
                    cache.slabPages(cpu) + " pages of connections, " + others.slabPages(cpu) + " of the other type");
        }
        checkCount(cpu, 0);
    }

    /** Checks that {@code expected} connections are in use: all but those in the table are free. */
    void checkCount(Cpu cpu, long expected) {
        long active = cache.activeObjects(cpu);
        if (active != expected) {
            throw new Violation(FailureKind.LEAK, "BUG: " + active + " connections in use, expected " + expected);
        }
    }
}
