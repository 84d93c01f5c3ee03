package kemu.fuzz;

import java.util.Arrays;
import java.util.function.Predicate;

/** Leaves out of an input what does not matter, halves first, then less and less. */
final class Minimiser {
    private static final int MOST_TRIES = 400;

    private Minimiser() {}

    /** The smallest input found that {@code fails}, as {@code input} does. */
    static byte[] minimise(byte[] input, Predicate<byte[]> fails) {
        byte[] small = input;
        int tries = 0;
        for (int part = Math.max(1, small.length / 2); part > 0; part /= 2) {
            for (int at = 0; at < small.length && tries < MOST_TRIES; ) {
                byte[] less = without(small, at, Math.min(part, small.length - at));
                tries++;
                if (fails.test(less)) {
                    small = less;
                } else {
                    at += part;
                }
            }
        }
        return small;
    }

    private static byte[] without(byte[] bytes, int at, int count) {
        byte[] less = Arrays.copyOf(bytes, bytes.length - count);
        System.arraycopy(bytes, at + count, less, at, bytes.length - at - count);
        return less;
    }
}
