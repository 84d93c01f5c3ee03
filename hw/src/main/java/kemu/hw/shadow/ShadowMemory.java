package kemu.hw.shadow;

import java.util.Arrays;
import kemu.hw.layout.StructTypes;
import kemu.hw.mem.PhysMem;

/**
 * A tag for every eight bytes of emulated memory, and for every frame the struct type that its objects have. An access
 * to memory whose tag is not {@link #LIVE}, or that is meant for a struct kept in slabs and goes to a frame that holds
 * none of that type, is handed to the {@link Judge}, who knows the exceptions and throws what is to be reported.
 *
 * <p>Frames of one kind share one row of tags, so that giving a frame away is one store; a frame gets a row of its own
 * when its parts differ.
 */
public final class ShadowMemory {
    /** Tag: may be accessed. */
    public static final byte LIVE = 0;
    /** Tag: a frame that the page allocator has not given away. */
    public static final byte FREE_FRAME = 1;
    /** Tag: an object that has been freed. */
    public static final byte FREED = 2;
    /** Tag: an object that has not been allocated since its slab was made. */
    public static final byte UNUSED = 3;
    /** Tag: no part of any object. */
    public static final byte REDZONE = 4;
    /** Tag: a free object of a type-stable cache, which readers may still look at. */
    public static final byte FREED_TYPESAFE = 5;
    /** Tag: a freed object that waits for a grace period: readers may still look at it. */
    public static final byte FREED_WAITING = 6;

    private static final int GRANULE_SHIFT = 3;
    private static final int GRANULES = PhysMem.PAGE_SIZE >> GRANULE_SHIFT;
    private static final int GRANULE_MASK = GRANULES - 1;
    private static final byte[] LIVE_ROW = new byte[GRANULES];
    private static final byte[] FREE_ROW = filled(FREE_FRAME);

    /** Who decides about accesses that are not plainly good. */
    @FunctionalInterface
    public interface Judge {
        /**
         * An access of CPU {@code cpu}, meant for struct {@code type} if not 0, to memory tagged {@code tag} whose
         * frame holds structs of {@code held}. Returns if it is legal, else throws.
         */
        void judge(int cpu, long address, int width, boolean write, byte tag, int type, int held);
    }

    private final byte[][] rows;
    private final int[] types;
    private final byte[][] baseRows;
    private final int[] baseTypes;
    private final byte[][] ownRows;
    private final boolean[] changed;
    private final int[] changes;
    private int changeCount;
    private boolean[] kept = new boolean[64];
    private Judge judge = (cpu, address, width, write, tag, type, held) -> {};
    private boolean judging;

    /** All of {@code memory} may be accessed as anything. */
    public ShadowMemory(PhysMem memory) {
        int frames = (int) (memory.sizeBytes() >>> PhysMem.PAGE_SHIFT);
        rows = new byte[frames][];
        Arrays.fill(rows, LIVE_ROW);
        types = new int[frames];
        baseRows = new byte[frames][];
        baseTypes = new int[frames];
        ownRows = new byte[frames][];
        changed = new boolean[frames];
        changes = new int[frames];
    }

    private static byte[] filled(byte tag) {
        byte[] row = new byte[GRANULES];
        Arrays.fill(row, tag);
        return row;
    }

    /** Sets who decides. */
    public void judge(Judge by) {
        judge = by;
    }

    /** Structs of {@code type} are kept in slabs and nowhere else. */
    public void keptInSlabs(int type) {
        if (type >= kept.length) {
            kept = Arrays.copyOf(kept, 2 * type);
        }
        kept[type] = true;
    }

    /** What is known now is what {@link #reset} goes back to. */
    public void keep() {
        for (int i = 0; i < rows.length; i++) {
            boolean shared = rows[i] == LIVE_ROW || rows[i] == FREE_ROW;
            baseRows[i] = shared ? rows[i] : rows[i].clone();
            rows[i] = baseRows[i];
            baseTypes[i] = types[i];
            changed[i] = false;
        }
        changeCount = 0;
    }

    /** Forgets everything since {@link #keep}. */
    public void reset() {
        for (int i = 0; i < changeCount; i++) {
            int frame = changes[i];
            rows[frame] = baseRows[frame];
            types[frame] = baseTypes[frame];
            changed[frame] = false;
        }
        changeCount = 0;
        judging = false;
    }

    private void note(int frame) {
        if (!changed[frame]) {
            changed[frame] = true;
            changes[changeCount++] = frame;
        }
    }

    /** The frame at {@code address} may be accessed as anything. */
    public void allocated(long address) {
        frame(address, LIVE_ROW);
    }

    /** The frame at {@code address} may not be accessed. */
    public void freed(long address) {
        frame(address, FREE_ROW);
    }

    private void frame(long address, byte[] row) {
        int frame = (int) (address >>> PhysMem.PAGE_SHIFT);
        note(frame);
        rows[frame] = row;
        types[frame] = StructTypes.NONE;
    }

    /** The frame at {@code address} holds structs of {@code type}. */
    public void holds(long address, int type) {
        int frame = (int) (address >>> PhysMem.PAGE_SHIFT);
        note(frame);
        types[frame] = type;
    }

    /** Tags the {@code bytes} bytes at {@code address}, multiples of eight. */
    public void tag(long address, long bytes, byte tag) {
        long granule = address >>> GRANULE_SHIFT;
        long end = granule + (bytes >>> GRANULE_SHIFT);
        while (granule < end) {
            int frame = (int) (granule / GRANULES);
            long stop = Math.min(end, (frame + 1L) * GRANULES);
            byte[] row = ownRow(frame);
            Arrays.fill(row, (int) granule & GRANULE_MASK, (int) (stop - 1 & GRANULE_MASK) + 1, tag);
            granule = stop;
        }
    }

    private byte[] ownRow(int frame) {
        note(frame);
        byte[] own = ownRows[frame];
        if (own == null) {
            own = new byte[GRANULES];
            ownRows[frame] = own;
        }
        if (rows[frame] != own) {
            System.arraycopy(rows[frame], 0, own, 0, GRANULES);
            rows[frame] = own;
        }
        return own;
    }

    /** The tag of {@code address}. */
    public byte tagOf(long address) {
        return rows[(int) (address >>> PhysMem.PAGE_SHIFT)][(int) (address >>> GRANULE_SHIFT) & GRANULE_MASK];
    }

    /** The type of the structs in the frame of {@code address}, 0 if it holds none. */
    public int typeOf(long address) {
        return types[(int) (address >>> PhysMem.PAGE_SHIFT)];
    }

    /** Number of frames. */
    public int frames() {
        return rows.length;
    }

    /** CPU {@code cpu} accesses memory, meant for a struct of {@code type} if not 0. */
    public void access(int cpu, long address, int width, boolean write, int type) {
        long frame = address >>> PhysMem.PAGE_SHIFT;
        if (frame >= rows.length) {
            // The CPU itself reports that.
            return;
        }
        byte tag = rows[(int) frame][(int) (address >>> GRANULE_SHIFT) & GRANULE_MASK];
        int held = types[(int) frame];
        if (tag != LIVE || type != StructTypes.NONE && type != held && isKept(type)) {
            doubt(cpu, address, width, write, tag, type, held);
        }
    }

    /** CPU {@code cpu} reads or writes all of the frame at {@code address}. */
    public void frameAccess(int cpu, long address, boolean write) {
        long frame = address >>> PhysMem.PAGE_SHIFT;
        if (frame < rows.length && rows[(int) frame] != LIVE_ROW) {
            doubt(cpu, address, PhysMem.PAGE_SIZE, write, tagOf(address), StructTypes.NONE, types[(int) frame]);
        }
    }

    /** True if structs of {@code type} are kept in slabs and nowhere else. */
    public boolean isKept(int type) {
        return type < kept.length && kept[type];
    }

    private void doubt(int cpu, long address, int width, boolean write, byte tag, int type, int held) {
        // Whoever reports looks at memory as well.
        if (!judging) {
            judging = true;
            judge.judge(cpu, address, width, write, tag, type, held);
            judging = false;
        }
    }
}
