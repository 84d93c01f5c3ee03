package kemu.hw.explore;

/** Seeded random numbers without allocation (SplitMix64). */
public final class Dice {
    private static final long GAMMA = 0x9e3779b97f4a7c15L;

    private long state;

    /** Starts the sequence number {@code sequence} of {@code seed}. */
    public void reset(long seed, long sequence) {
        state = mix(seed + GAMMA) ^ mix(sequence * GAMMA + 1);
    }

    /** A number for sequence {@code sequence} of {@code seed} that tells nothing about the sequence; never 0. */
    static long lot(long seed, long sequence) {
        return mix(mix(seed ^ GAMMA) + sequence) | 1;
    }

    /** 64 random bits. */
    public long next() {
        state += GAMMA;
        return mix(state);
    }

    /** Uniform in [0, bound). */
    public int below(int bound) {
        return (int) (((next() >>> 32) * bound) >>> 32);
    }

    /** One of the bits of {@code set}, as a number. */
    public int oneOf(long set) {
        long rest = set;
        for (int skip = below(Long.bitCount(set)); skip > 0; skip--) {
            rest &= rest - 1;
        }
        return Long.numberOfTrailingZeros(rest);
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
