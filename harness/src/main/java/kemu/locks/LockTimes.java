package kemu.locks;

/**
 * Told by a CPU how long it waited for a lock and held it, in nanoseconds of its clock. The key says which kind of
 * lock, see {@link LockKey}. An abstract class: few are loaded, so that telling them is cheap. Must not allocate.
 */
public abstract class LockTimes {
    /** For subclasses. */
    protected LockTimes() {}

    /** A lock has been taken that was not free: it was waited for from {@code since} until {@code now}. */
    public abstract void waited(int key, long lock, long since, long now);

    /** A lock is about to be freed that was taken at {@code since}. */
    public abstract void held(int key, long lock, long since, long now);

    /** Tells both {@code one} and {@code other}. */
    public static LockTimes both(LockTimes one, LockTimes other) {
        return new LockTimes() {
            @Override
            public void waited(int key, long lock, long since, long now) {
                one.waited(key, lock, since, now);
                other.waited(key, lock, since, now);
            }

            @Override
            public void held(int key, long lock, long since, long now) {
                one.held(key, lock, since, now);
                other.held(key, lock, since, now);
            }
        };
    }
}
