package kemu.hw.layout;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.mem.Symbols;

/** The finished layout of one struct: name, size, and members for dumps and tests. */
public final class StructLayout {
    /** Bytes in a cache line of the emulated CPUs. */
    public static final int CACHE_LINE = 64;

    /** One member: a scalar of 4 or 8 bytes ({@code inner} is null), or an embedded struct. */
    public record Member(String name, int offset, int sizeBytes, boolean reference, StructLayout inner) {}

    private static final List<StructLayout> ALL = new ArrayList<>();

    private final String name;
    private final int sizeBytes;
    private final List<Member> members;

    private StructLayout(String name, int sizeBytes, List<Member> members) {
        this.name = name;
        this.sizeBytes = sizeBytes;
        this.members = members;
    }

    /** Starts a struct called {@code name} (its kernel name, such as {@code anon_vma}). */
    public static Builder struct(String name) {
        return new Builder(name);
    }

    /** The struct called {@code name}, or null if no class that lays one out has been initialised. For reports. */
    public static StructLayout named(String name) {
        synchronized (ALL) {
            for (StructLayout layout : ALL) {
                if (layout.name.equals(name)) {
                    return layout;
                }
            }
        }
        return null;
    }

    /**
     * The member {@code offset} bytes into memory called {@code region}: a struct, or an array of structs such as
     * {@code task_struct[]}; its object begins so far into the region. Null if that is no struct or the offset is
     * padding. For reports.
     */
    public static Symbols.Symbol symbolIn(String region, long offset) {
        boolean array = region.endsWith("[]");
        String one = array ? region.substring(0, region.length() - 2) : region;
        StructLayout struct = named(one);
        String path = struct == null ? null : struct.pathOf(offset % struct.sizeBytes());
        if (path == null) {
            return null;
        }
        long index = offset / struct.sizeBytes();
        return array
                ? new Symbols.Symbol(one + "[" + index + "]->" + path, index * struct.sizeBytes())
                : new Symbols.Symbol(one + "->" + path, 0);
    }

    /** Names of all structs laid out so far. */
    public static List<String> names() {
        synchronized (ALL) {
            return ALL.stream().map(StructLayout::name).toList();
        }
    }

    /**
     * What lies {@code offset} bytes from the start, such as {@code lock.head}; null if that is padding. For reports.
     */
    public String pathOf(long offset) {
        for (Member member : members) {
            long within = offset - member.offset;
            if (within < 0 || within >= member.sizeBytes) {
                continue;
            }
            if (member.inner == null) {
                return within == 0 ? member.name : member.name + "+" + within;
            }
            if (member.inner.members.isEmpty()) {
                return member.name + "[" + within / Long.BYTES + "]";
            }
            String path = member.inner.pathOf(within);
            return path == null ? null : member.name + "." + path;
        }
        return null;
    }

    /** The kernel name. */
    public String name() {
        return name;
    }

    /** Size in bytes, a multiple of the alignment it was built with. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** Members in offset order. */
    public List<Member> members() {
        return members;
    }

    /** Hands out aligned offsets in declaration order. */
    public static final class Builder {
        private final String name;
        private final int type;
        private final List<Member> members = new ArrayList<>();
        private int offset;

        private Builder(String name) {
            this.name = name;
            type = StructTypes.of(name);
        }

        /** A 32-bit field. */
        public I32Field i32(String field) {
            return new I32Field(name + "." + field, type, take(field, 4, 4, false, null));
        }

        /** A 64-bit field. */
        public I64Field i64(String field) {
            return new I64Field(name + "." + field, type, take(field, 8, 8, false, null));
        }

        /** A reference to a struct laid out by {@code target}. */
        public RefField ref(String field, Class<?> target) {
            return new RefField(name + "." + field, type, take(field, 8, 8, true, null), target);
        }

        /** An embedded struct. */
        public Embedded embed(String field, StructLayout inner) {
            int at = take(field, 8, inner.sizeBytes, false, inner);
            return new Embedded(name + "." + field, at, inner);
        }

        /** An array of {@code count} 64-bit words. */
        public Embedded words(String field, int count) {
            StructLayout array = new StructLayout("word[]", 8 * count, List.of());
            return new Embedded(name + "." + field, take(field, 8, 8 * count, false, array), array);
        }

        /** Starts a new cache line. */
        public Builder cacheLine() {
            offset = align(offset, CACHE_LINE);
            return this;
        }

        /** Finishes the struct; its size is rounded up to {@code alignment}, a power of two. */
        public StructLayout build(int alignment) {
            StructLayout built = new StructLayout(name, align(offset, alignment), List.copyOf(members));
            synchronized (ALL) {
                ALL.add(built);
            }
            return built;
        }

        private int take(String field, int alignment, int size, boolean reference, StructLayout inner) {
            offset = align(offset, alignment);
            members.add(new Member(field, offset, size, reference, inner));
            int at = offset;
            offset += size;
            return at;
        }

        private static int align(int value, int alignment) {
            return (value + alignment - 1) & -alignment;
        }
    }
}
