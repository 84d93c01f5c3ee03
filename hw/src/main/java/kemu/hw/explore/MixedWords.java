package kemu.hw.explore;

import org.agrona.collections.LongHashSet;

/**
 * 64-bit words that are accessed whole at one time and by halves at another, as memory is that serves one purpose after
 * another. All their accesses count as accesses to one word; elsewhere halves are words of their own. What is learnt is
 * kept from one execution to the next.
 */
final class MixedWords {
    private static final long GRANULE = -8L;

    private final LongHashSet whole = new LongHashSet();
    private final LongHashSet halves = new LongHashSet();
    private final LongHashSet mixed = new LongHashSet();
    private boolean grown;

    /** The word that an access of {@code width} bytes at {@code address} is to. */
    long word(long address, int width) {
        long granule = address & GRANULE;
        if (mixed.contains(granule)) {
            return granule;
        }
        LongHashSet own = width == Long.BYTES ? whole : halves;
        LongHashSet other = width == Long.BYTES ? halves : whole;
        own.add(granule);
        if (!other.contains(granule)) {
            return address;
        }
        mixed.add(granule);
        grown = true;
        return granule;
    }

    /** True once after a mixed word was met that was not known: what was explored before took its halves for words. */
    boolean grown() {
        boolean result = grown;
        grown = false;
        return result;
    }
}
