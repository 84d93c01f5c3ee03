package kemu.hw.cache.model;

/** In what order the stores of one CPU become visible to the others. */
public enum StoreOrder {
    /** Each at once: there is no store buffer. */
    AT_ONCE,
    /** One buffer per CPU, first in first out. */
    FIFO,
    /**
     * As if there were a buffer for each word: stores to one word in order, to different words in any, except across
     * what a {@link Fence} orders and past a release.
     */
    PER_WORD
}
