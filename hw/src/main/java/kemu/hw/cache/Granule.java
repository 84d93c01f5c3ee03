package kemu.hw.cache;

/** The aligned 64 bits that hold a word: the unit in which buffers compare addresses. */
public final class Granule {
    private static final long LOW = 0xffff_ffffL;
    private static final long HASH_FACTOR = 0x9e3779b97f4a7c15L;

    private Granule() {}

    /** Address of the granule that holds {@code address}. */
    public static long of(long address) {
        return address & -8;
    }

    /** The bits of its granule that a word of {@code width} bytes at {@code address} covers. */
    public static long mask(long address, int width) {
        return width == 8 ? -1L : LOW << shift(address);
    }

    /** How far a word at {@code address} is shifted in its granule. */
    static int shift(long address) {
        return (int) (address & 4) << 3;
    }

    /** {@code value} of a word of {@code width} bytes at its place in the granule, other bits zero. */
    static long place(long address, int width, long value) {
        return width == 8 ? value : (value & LOW) << shift(address);
    }

    /** The word of {@code width} bytes at {@code address} of a granule that holds {@code granule}; sign-extended. */
    public static long extract(long address, int width, long granule) {
        return width == 8 ? granule : (int) (granule >> shift(address));
    }

    /** Address of the first byte that {@code mask} covers. */
    public static long address(long granule, long mask) {
        return (mask & LOW) == 0 ? granule + 4 : granule;
    }

    /** One of 64 filter bits. */
    static long bit(long granule) {
        return 1L << (granule * HASH_FACTOR >>> 58);
    }

    /** Mixes {@code word} into {@code hash}. */
    static long mix(long hash, long word) {
        return Long.rotateLeft((hash ^ word) * HASH_FACTOR, 29);
    }
}
