package kemu.check.kit;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.StructLayout;
import kemu.hw.order.Order;
import kemu.kernel.task.TaskBody;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;

/**
 * Objects by number: an array of places, each empty or with one object, as a table of file descriptors or of hash
 * buckets. Readers look under RCU; writers publish and unpublish.
 */
public final class PlaceTable {
    /** The layout of tables of one size: a constant of the scenario's class, like its {@link ObjectType}s. */
    public static final class Layout {
        private final StructLayout layout;
        private final Embedded place;

        /** Tables called {@code name}, of {@code places} places. */
        public Layout(String name, int places) {
            StructLayout.Builder struct = StructLayout.struct(name);
            place = struct.words("place", places);
            layout = struct.build(Long.BYTES);
        }
    }

    /** What a lookup does with what it has found. Context: RCU reader. */
    @FunctionalInterface
    public interface Use {
        /** Uses {@code object}, which may be freed or reused at any time unless it is pinned. */
        void use(Cpu cpu, long object);
    }

    private final Kernel kernel;
    private final long places;

    /** An empty table on a kernel that has booted. */
    public PlaceTable(Layout layout, Kernel kernel, Cpu boot) {
        this.kernel = kernel;
        int size = layout.layout.sizeBytes();
        KmemCache tables = kernel.slabs().create(boot, layout.layout.name(), size, 0, SlabAllocator.SLAB_PANIC, null);
        places = layout.place.of(tables.alloc(boot, Gfp.NOWAIT));
        for (int at = 0; at < size; at += Long.BYTES) {
            boot.write64(places + at, Cpu.NULL);
        }
    }

    /** The address of place {@code number}. */
    public long at(long number) {
        return places + number * Long.BYTES;
    }

    /** rcu_assign_pointer: lets {@code object} be found at {@code number}. */
    public void publish(Cpu cpu, long object, long number) {
        kernel.rcu().assignPointer(cpu, at(number), object);
    }

    /**
     * Empties place {@code number}; returns what was there. A load and a store: of several writers only under their
     * lock, else {@link #take}.
     */
    public long unpublish(Cpu cpu, long number) {
        long object = cpu.readOnce64(at(number));
        cpu.writeOnce64(at(number), Cpu.NULL);
        return object;
    }

    /** The same by an exchange, with full order: of several takers one gets it, the others NULL. */
    public long take(Cpu cpu, long number) {
        return cpu.xchg64(at(number), Cpu.NULL, Order.FULL);
    }

    /** rcu_dereference: what is at {@code number}, or NULL; it may be freed or reused at any time. RCU reader. */
    public long find(Cpu cpu, long number) {
        return kernel.rcu().dereference(cpu, at(number));
    }

    /**
     * The same by a marked load, for whoever does not follow it, or is no reader (known bad, and RCU's own would tell).
     */
    public long peek(Cpu cpu, long number) {
        return cpu.readOnce64(at(number));
    }

    /** A task that looks at {@code number} as an RCU reader and uses what it finds, if anything, while it is one. */
    public TaskBody lookup(long number, Use use) {
        return cpu -> {
            kernel.rcu().readLock(cpu);
            long object = find(cpu, number);
            if (object != Cpu.NULL) {
                use.use(cpu, object);
            }
            kernel.rcu().readUnlock(cpu);
        };
    }
}
