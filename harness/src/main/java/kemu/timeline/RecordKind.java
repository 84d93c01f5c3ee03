package kemu.timeline;

/** What a record of a {@link Ring} says, and what its object and its last word are. */
final class RecordKind {
    /** A lock is freed; detail its key, the lock, since when it was held. */
    static final int HELD = 1;
    /** A lock is taken that was waited for; detail its key, the lock, since when it was waited for. */
    static final int WAITED = 2;
    /** Another task goes on: pid and, as detail, command of it; pid of the one before, command of that one. */
    static final int SWITCHED = 3;
    /** The CPU does something else: detail the mode, the one before as the last word. */
    static final int MODE = 4;
    /** An operation is over: detail its tag, since when it went on as the last word. */
    static final int OPERATION = 5;
    /** An interrupt has been served: detail what was pending, since when as the last word. */
    static final int INTERRUPT = 6;
    /** The task whose pid is the object has been woken. */
    static final int WOKEN = 7;
    /** A callback is queued: its head. */
    static final int QUEUED = 8;
    /** A callback is invoked: its head. */
    static final int INVOKED = 9;
    /** A grace period has begun: its number. */
    static final int GRACE_BEGUN = 10;
    /** A grace period is over: its number. */
    static final int GRACE_OVER = 11;
    /** Quiescent states are reported: rcu_node, its bits. */
    static final int QUIESCENT = 12;

    private RecordKind() {}
}
