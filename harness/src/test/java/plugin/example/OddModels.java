package plugin.example;

import kemu.hw.cache.model.MemoryModelProvider;

/** Memory models that cannot be used. */
public final class OddModels {
    private OddModels() {}

    /** Takes the name of a built-in model. */
    public static final class Taken extends PartialStoreOrder {
        @Override
        public String name() {
            return "tso";
        }
    }

    /** Takes a word of {@code litmus --model}. */
    public static final class Word extends PartialStoreOrder {
        @Override
        public String name() {
            return "lkmm";
        }
    }

    /** Has a buffer of no size. */
    public static final class Empty extends PartialStoreOrder {
        @Override
        public int storeEntries() {
            return 0;
        }
    }

    /** Says nothing. */
    public static final class Throws extends MemoryModelProvider {
        @Override
        public String name() {
            throw new UnsupportedOperationException("no name yet");
        }

        @Override
        public String description() {
            return "none";
        }
    }
}
