package kemu.check.kit;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.mm.Kernel;

/**
 * A type of objects that are looked up: a connection, a file, an inode. Each has a magic that no life of it changes, a
 * key, a reference count and a spinlock, then what the scenario adds. A constant of the scenario's class:
 *
 * <pre>{@code
 * private static final ObjectType.Builder F = ObjectType.named("file");
 * private static final I64Field POS = F.i64("f_pos");
 * private static final ObjectType FILE = F.build();
 * }</pre>
 *
 * <p>Objects are constructed once, when their slab is made: a free one has key 0, count 0 and an unlocked lock, and
 * fields of the scenario's own are as their last life left them, at first zero.
 */
public final class ObjectType {
    private static final String MEMBER = "->";

    private final String name;
    private final I64Field magic;
    private final I64Field key;
    private final I32Field refs;
    private final Embedded lock;
    private final StructLayout layout;
    private final LockClass lockClass;

    private ObjectType(Builder of) {
        name = of.name;
        magic = of.magic;
        key = of.key;
        refs = of.refs;
        lock = of.lock;
        layout = of.struct.build(Long.BYTES);
        lockClass = LockClass.of(name + MEMBER + "lock");
    }

    /** Starts a type called {@code name}, as the kernel calls the struct. */
    public static Builder named(String name) {
        return new Builder(name);
    }

    /** Fields of the scenario's own, in order. */
    public static final class Builder {
        private final String name;
        private final StructLayout.Builder struct;
        private final I64Field magic;
        private final I64Field key;
        private final I32Field refs;
        private final Embedded lock;

        private Builder(String name) {
            this.name = name;
            struct = StructLayout.struct(name);
            magic = struct.i64("magic");
            key = struct.i64("key");
            refs = struct.i32("refs");
            lock = struct.embed("lock", SpinLock.LAYOUT);
        }

        /** A field of 32 bits. */
        public I32Field i32(String field) {
            return struct.i32(field);
        }

        /** A field of 64 bits. */
        public I64Field i64(String field) {
            return struct.i64(field);
        }

        /** A reference to a struct laid out by {@code target}. */
        public RefField ref(String field, Class<?> target) {
            return struct.ref(field, target);
        }

        /** An embedded struct, such as {@link kemu.rcu.list.ListHead#LAYOUT}; its own constructor is not called. */
        public Embedded embed(String field, StructLayout inner) {
            return struct.embed(field, inner);
        }

        /** {@code count} words of 64 bits. */
        public Embedded words(String field, int count) {
            return struct.words(field, count);
        }

        /** Finishes the type. */
        public ObjectType build() {
            return new ObjectType(this);
        }
    }

    /**
     * A cache of such objects on a kernel that has booted.
     *
     * @param slabFlags {@link kemu.mm.slab.SlabAllocator#SLAB_DESTROY_BY_RCU} for memory that stays of this type while
     *     an RCU reader looks, or 0
     */
    public ObjectCache cache(Kernel kernel, Cpu boot, int slabFlags) {
        return new ObjectCache(this, kernel, boot, slabFlags);
    }

    /** The kernel name. */
    public String name() {
        return name;
    }

    /** Size and members. */
    public StructLayout layout() {
        return layout;
    }

    /** Which object it is; 0 while free. Written before {@link #refs} is, or under the lock; lookups race: marked. */
    public I64Field key() {
        return key;
    }

    /** Users; 0 while free. Atomics; the release that makes it 1 publishes what was written before. */
    public I32Field refs() {
        return refs;
    }

    /** The address of the spinlock of {@code object}; unlocked while that is free. */
    public long lock(long object) {
        return lock.of(object);
    }

    /** inc_not_zero: false if {@code object} is free. Full order. */
    public boolean pin(Cpu cpu, long object) {
        return refs.addUnless(cpu, object, 1, 0);
    }

    /** The slab constructor. */
    public void construct(Cpu cpu, long object) {
        magic.writeOnce(cpu, object, typeWord());
        key.writeOnce(cpu, object, 0);
        refs.writeOnce(cpu, object, 0);
        SpinLock.init(cpu, lock.of(object), lockClass);
    }

    /** True if memory at {@code object} is of this type, in whichever life. */
    boolean isAt(Cpu cpu, long object) {
        return magic.readOnce(cpu, object) == typeWord();
    }

    /** What the magic is in every object of the type: its name, up to eight letters. */
    private long typeWord() {
        long word = 0;
        for (int i = 0; i < Math.min(Long.BYTES, name.length()); i++) {
            word = word << Byte.SIZE | name.charAt(i);
        }
        return word;
    }
}
