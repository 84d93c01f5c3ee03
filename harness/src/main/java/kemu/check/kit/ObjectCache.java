package kemu.check.kit;

import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;

/**
 * The slab cache of an {@link ObjectType}, and the life of its objects: {@link #create} counts a new one once,
 * {@link #pin} and {@link #put} count users, the last of whom frees it. What was freed last is allocated next on the
 * same CPU, so a task that frees and creates reuses the memory.
 *
 * <p>Whoever acts on an object says which one it means ({@link #act}): that it is another one by now is the crime that
 * most such races end in.
 */
public final class ObjectCache {
    private final ObjectType type;
    private final KmemCache cache;

    ObjectCache(ObjectType type, Kernel kernel, Cpu boot, int slabFlags) {
        this.type = type;
        cache = kernel.slabs()
                .create(
                        boot,
                        type.name(),
                        type.layout().sizeBytes(),
                        0,
                        slabFlags | SlabAllocator.SLAB_PANIC,
                        type::construct);
    }

    /** The cache itself, to be destroyed or asked for its pages. */
    public KmemCache slab() {
        return cache;
    }

    /** A free object; fields of the scenario's own are what its last life left. */
    public long alloc(Cpu cpu) {
        long object = cache.alloc(cpu, Gfp.NOWAIT);
        if (object == Cpu.NULL) {
            throw new SceneBroken("no memory for a " + type.name());
        }
        return object;
    }

    /** A new object of {@code key}, counted once: for the table or the task that has it. */
    public long create(Cpu cpu, long key) {
        long object = alloc(cpu);
        type.key().writeOnce(cpu, object, key);
        type.refs().release(cpu, object, 1);
        return object;
    }

    /** Counts a user of what a lookup has found; false if it is free. Full order. */
    public boolean pin(Cpu cpu, long object) {
        return type.pin(cpu, object);
    }

    /** Drops one user; the last one frees. Full order. */
    public void put(Cpu cpu, long object) {
        if (type.refs().addReturn(cpu, object, -1) == 0) {
            free(cpu, object);
        }
    }

    /** Frees an object that nobody counts. */
    public void free(Cpu cpu, long object) {
        type.key().writeOnce(cpu, object, 0);
        cache.free(cpu, object);
    }

    /**
     * Uses {@code object} for a caller that looked up {@code key} and holds it.
     *
     * @throws Violation {@link FailureKind#WRONG_OBJECT} if it is another one by now, or free
     */
    public void act(Cpu cpu, long object, long key) {
        checkType(cpu, object);
        long is = type.key().readOnce(cpu, object);
        if (is != key) {
            throw new Violation(
                    FailureKind.WRONG_OBJECT,
                    "BUG: lookup of key " + key + " acts on another " + type.name() + ", of key " + is + ": "
                            + Machine.of(cpu).memory().symbols().nameOf(object) + ", on CPU#" + cpu.id());
        }
    }

    /**
     * Checks that what was found is of this type, whichever of its lives it is in.
     *
     * @throws Violation {@link FailureKind#TYPE_CONFUSION} if the memory has another type by now
     */
    public void checkType(Cpu cpu, long object) {
        if (!type.isAt(cpu, object)) {
            throw new Violation(
                    FailureKind.TYPE_CONFUSION,
                    "BUG: type confusion: a " + type.name() + " was found at 0x" + Long.toHexString(object)
                            + ", which is now: "
                            + Machine.of(cpu).memory().symbols().nameOf(object) + ", on CPU#" + cpu.id());
        }
    }

    /**
     * Checks, at the end, that {@code expected} objects are in use.
     *
     * @throws Violation {@link FailureKind#LEAK} if not
     */
    public void checkCount(Cpu cpu, long expected) {
        long active = cache.activeObjects(cpu);
        if (active != expected) {
            throw new Violation(
                    FailureKind.LEAK, "BUG: " + active + " objects " + type.name() + " in use, expected " + expected);
        }
    }
}
