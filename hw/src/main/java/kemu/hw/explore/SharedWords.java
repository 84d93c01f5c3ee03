package kemu.hw.explore;

import java.util.Arrays;
import kemu.hw.cpu.Pending;

/** Learns which words several users (CPUs, or tasks) access and some user writes. */
final class SharedWords {
    private static final int FIRST_WORDS = 512;

    private final WordTable table = new WordTable();
    private long[] users = new long[FIRST_WORDS];
    private boolean[] written = new boolean[FIRST_WORDS];
    private boolean grown;

    /** From here on {@link #grown} is about what comes. */
    void begin() {
        grown = false;
    }

    /** True if another word has turned out to be shared. */
    boolean grown() {
        return grown;
    }

    /** User {@code user}, 0 to 63, makes an access of {@code kind}. */
    void note(int user, int kind, long address) {
        boolean writes = Lanes.writes(kind);
        if (!writes && kind != Pending.READ && kind != Pending.WAIT) {
            return;
        }
        int word = word(address);
        boolean before = shared(word);
        users[word] |= 1L << user;
        written[word] |= writes;
        grown |= shared(word) && !before;
    }

    /** True if the word at {@code address} is known to be shared. */
    boolean contains(long address) {
        return shared(word(address));
    }

    private boolean shared(int word) {
        return written[word] && (users[word] & users[word] - 1) != 0;
    }

    private int word(long address) {
        int word = table.id(address);
        if (word >= users.length) {
            users = Arrays.copyOf(users, 2 * word);
            written = Arrays.copyOf(written, 2 * word);
        }
        return word;
    }
}
