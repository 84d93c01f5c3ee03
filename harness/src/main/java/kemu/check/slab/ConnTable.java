package kemu.check.slab;

import kemu.check.kit.ObjectCache;
import kemu.check.kit.PlaceTable;
import kemu.check.scenario.SceneBroken;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
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

    private static final PlaceTable.Layout LAYOUT = new PlaceTable.Layout("conn_table", 4);

    private static final StructLayout.Builder F = StructLayout.struct("foreign");
    /** Where a connection has its magic. */
    private static final RefField OWNER = F.ref("owner", Object.class);

    private static final StructLayout FOREIGN;

    static {
        // As large as a connection.
        F.words("rest", Conn.TYPE.layout().sizeBytes() / Long.BYTES - 1);
        FOREIGN = F.build(8);
    }

    private final ObjectCache conns;
    private final PlaceTable table;
    private final KmemCache others;

    /** An empty table on a kernel that has booted; {@code slabFlags} are those of the cache of connections. */
    ConnTable(Kernel kernel, Cpu boot, int slabFlags) {
        conns = Conn.TYPE.cache(kernel, boot, slabFlags);
        others = kernel.slabs()
                .create(
                        boot,
                        "foreign",
                        FOREIGN.sizeBytes(),
                        0,
                        SlabAllocator.SLAB_PANIC,
                        (cpu, object) -> OWNER.writeOnce(cpu, object, object));
        table = new PlaceTable(LAYOUT, kernel, boot);
    }

    KmemCache cache() {
        return conns.slab();
    }

    /** A free connection; its contents are what its last life left. */
    long alloc(Cpu cpu) {
        return conns.alloc(cpu);
    }

    /** Lets {@code conn} be found under {@code key}. */
    void publish(Cpu cpu, long conn, long key) {
        table.publish(cpu, conn, key);
    }

    /** From now on nothing is found under {@code key}; returns what was. */
    long unpublish(Cpu cpu, long key) {
        return table.unpublish(cpu, key);
    }

    /** A new connection of {@code key}, counted once for the table. */
    void add(Cpu cpu, long key) {
        publish(cpu, conns.create(cpu, key), key);
    }

    /** The connection of {@code key} leaves the table; the last user frees it. */
    void remove(Cpu cpu, long key) {
        put(cpu, unpublish(cpu, key));
    }

    /** Drops one reference; the last one frees. */
    void put(Cpu cpu, long conn) {
        conns.put(cpu, conn);
    }

    /** A task that looks up {@code key} as an RCU reader and uses what it finds, if anything, while it is one. */
    TaskBody lookup(long key, PlaceTable.Use use) {
        return table.lookup(key, use);
    }

    /** The task that removes {@link #A} and adds {@link #B}: the object freed is the first to be handed out again. */
    void replace(Cpu cpu) {
        remove(cpu, A);
        add(cpu, B);
    }

    /** What the table has under {@code key}, or NULL; it may be freed or reused at any time. Context: RCU reader. */
    long find(Cpu cpu, long key) {
        return table.find(cpu, key);
    }

    /** Known bad: {@link #find} outside a reader, by a plain once-load, since RCU's own would notice. */
    long findUnprotected(Cpu cpu, long key) {
        return table.peek(cpu, key);
    }

    /** Uses {@code conn} for a caller that looked up {@code key} and holds it. */
    void act(Cpu cpu, long conn, long key) {
        conns.act(cpu, conn, key);
    }

    /** Checks that what was found is a connection, whichever of its lives it is in. */
    void checkType(Cpu cpu, long conn) {
        conns.checkType(cpu, conn);
    }

    /** Adds {@code key} as the only object of a slab that no CPU allocates from: once freed, its page may go. */
    void addAlone(Cpu boot, long key) {
        long[] filling = new long[cache().objectsPerSlab()];
        add(boot, key);
        for (int i = 1; i < filling.length; i++) {
            filling[i] = alloc(boot);
        }
        long next = alloc(boot);
        for (int i = 1; i < filling.length; i++) {
            cache().free(boot, filling[i]);
        }
        cache().free(boot, next);
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
        if (others.totalObjects(cpu) == 0 || cache().slabPages(cpu) != 1 || others.slabPages(cpu) != 1) {
            throw new SceneBroken(
                    cache().slabPages(cpu) + " pages of connections, " + others.slabPages(cpu) + " of the other type");
        }
        checkCount(cpu, 0);
    }

    /** Checks that {@code expected} connections are in use: all but those in the table are free. */
    void checkCount(Cpu cpu, long expected) {
        conns.checkCount(cpu, expected);
    }
}
