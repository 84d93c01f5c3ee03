package kemu.workload;

import java.util.SplittableRandom;

/**
 * What the anonymous pages of a storm hold.
 *
 * @param kinds of contents that many pages have, the same in all processes
 * @param share one page in so many has one of them; 0 if none has. Those of all others differ.
 */
record Contents(int kinds, int share) {
    /** No two pages are equal, but those that are to be. */
    static final Contents DIFFERENT = new Contents(8, 0);
    /** Some pages are equal, and may be merged. */
    static final Contents MIXED = new Contents(8, 8);

    /** The next value that is written. */
    long any(SplittableRandom random) {
        return share != 0 && random.nextInt(share) == 0 ? equal(random) : random.nextLong() | 1;
    }

    /** One that other pages have, too. */
    long equal(SplittableRandom random) {
        return 1L + random.nextInt(kinds);
    }
}
