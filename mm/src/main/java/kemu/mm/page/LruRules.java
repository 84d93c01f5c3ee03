package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;

/**
 * What kernels differ in when a page goes to a list while somebody munlocks it.
 *
 * @param bit where a look without the lock finds out whether a page is on a list
 * @param adding how a page from a pagevec gets its list
 * @param barrier whether a full fence is between setting PG_lru and the look at PG_mlocked that follows
 * @param counts whether a page on the unevictable list counts the locked VMAs that map it
 * @param rescueLooksFirst whether SHM_UNLOCK looks at PG_lru before it takes the lock, as since Linux 5.11
 */
public record LruRules(Bit bit, Adding adding, boolean barrier, boolean counts, boolean rescueLooksFirst) {
    /** Linux 2.6.32 from rc6 on. */
    public static final LruRules DEFAULT = new LruRules(Bit.FLAG, Adding.AS_FLAGS_SAY, true);
    /** Linux 5.18. */
    public static final LruRules COUNTING = new LruRules(Bit.FLAG, Adding.SET_THEN_TEST, false, true, true);

    /** Rules that do not count. */
    public LruRules(Bit bit, Adding adding, boolean barrier) {
        this(bit, adding, barrier, false, false);
    }

    /** The same, with SHM_UNLOCK as of Linux 5.11. */
    public LruRules withRescueThatLooksFirst() {
        return new LruRules(bit, adding, barrier, counts, true);
    }

    /** Where PG_lru is seen by who does not hold lru_lock. */
    public enum Bit {
        /** In the word that PG_mlocked is in, too. */
        FLAG,
        /** In a word of its own, set by an atomic operation without order, as set_bit is. */
        WORD_SET,
        /** In a word of its own, set by a store. */
        WORD_STORED;

        LruBit make() {
            return this == FLAG ? new LruBit() : new LruWord(this == WORD_SET);
        }
    }

    /** How a page from a pagevec gets its list. */
    public enum Adding {
        /** PG_unevictable names the list, PG_mlocked does not; putback looks after that. Linux 2.6.32. */
        AS_FLAGS_SAY,
        /** PG_lru is set, then PG_mlocked is looked at, under the lock. Linux 4.16, 9c4e6b1a7027. */
        SET_THEN_TEST,
        /** The other way round. No kernel: the barrier cannot help it. */
        TEST_THEN_SET
    }

    /** True if the list of a page is decided when it leaves the pagevec, under the lock. */
    boolean decidesUnderLock() {
        return adding != Adding.AS_FLAGS_SAY;
    }

    /** PG_lru as seen without lru_lock, here: the flag. The methods that change it are called under the lock. */
    static class LruBit {
        /** The unlocked test of isolate_lru_page. */
        boolean looksLinked(Cpu cpu, @Ref(Page.class) long page) {
            return Page.test(cpu, page, Page.PG_LRU);
        }

        /** PG_lru of the flags has just been set. */
        void linked(Cpu cpu, @Ref(Page.class) long page) {}

        /** It has just been cleared. */
        void unlinked(Cpu cpu, @Ref(Page.class) long page) {}
    }

    /** PG_lru in a word of its own, over {@link Page#SLAB_CACHE}. The flag stays for who holds the lock. */
    private static final class LruWord extends LruBit {
        private static final long LINKED = 1;
        private final boolean atomic;

        LruWord(boolean atomic) {
            this.atomic = atomic;
        }

        @Override
        boolean looksLinked(Cpu cpu, @Ref(Page.class) long page) {
            return cpu.readOnce64(Page.SLAB_CACHE.of(page)) == LINKED;
        }

        @Override
        void linked(Cpu cpu, @Ref(Page.class) long page) {
            if (atomic) {
                cpu.fetchOr64(Page.SLAB_CACHE.of(page), LINKED, kemu.hw.order.Order.RELAXED);
            } else {
                cpu.writeOnce64(Page.SLAB_CACHE.of(page), LINKED);
            }
        }

        @Override
        void unlinked(Cpu cpu, @Ref(Page.class) long page) {
            cpu.writeOnce64(Page.SLAB_CACHE.of(page), Cpu.NULL);
        }
    }
}
