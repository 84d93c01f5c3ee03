package kemu.hw.cache.model;

/** Alpha: as {@link Weak}, but an address dependency orders nothing. */
public final class Alpha extends Weak {
    @Override
    public String name() {
        return "alpha";
    }

    @Override
    public String description() {
        return "as weak, and an address dependency orders nothing";
    }

    @Override
    public boolean dependencies() {
        return false;
    }
}
