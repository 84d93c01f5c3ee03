package kemu.check.story;

import kemu.hw.cpu.Pending;

/** What an access, or a step, is. The words are those of reports and JSON; nothing is read from them. */
public enum Act {
    /** The CPU begins. */
    START("start"),
    /** A load. */
    READ("read"),
    /** A store. */
    WRITE("write"),
    /** An atomic that stores. */
    RMW("rmw"),
    /** An atomic that does not. */
    FAILED_CMPXCHG("failed cmpxchg"),
    /** A fence. */
    FENCE("fence"),
    /** A wait for a word, with the load that ends it. */
    WAIT("wait"),
    /** A round of a loop that names no word. */
    RELAX("relax"),
    /** Idle until an interrupt. */
    IDLE("idle"),
    /** Another task goes on. */
    SWITCH("switch"),
    /** The task is preempted. */
    PREEMPTED("preempted"),
    /** A buffered store becomes visible to the others. */
    DRAIN("store becomes visible"),
    /** An old value is gone. */
    INVALIDATION("invalidation arrives"),
    /** Zero bytes in a whole frame. */
    CLEARED("frame cleared"),
    /** The bytes of another frame in a whole frame. */
    COPIED("frame copied from"),
    /** A load that an oracle has stopped. */
    ABOUT_TO_READ("about to read"),
    /** A store, or an atomic, that an oracle has stopped. */
    ABOUT_TO_WRITE("about to write");

    private final String word;

    Act(String word) {
        this.word = word;
    }

    /** In words. */
    public String word() {
        return word;
    }

    /** True of what has not been done. */
    boolean isAbout() {
        return this == ABOUT_TO_READ || this == ABOUT_TO_WRITE;
    }

    /** True if the word changes, for its CPU at least. */
    boolean writes() {
        return this == WRITE || this == RMW;
    }

    /** What a suspended CPU does when it runs again, by {@link Pending}. */
    static Act of(int pending) {
        return switch (pending) {
            case Pending.NONE -> START;
            case Pending.READ -> READ;
            case Pending.WRITE -> WRITE;
            case Pending.RMW -> RMW;
            case Pending.FENCE -> FENCE;
            case Pending.WAIT -> WAIT;
            case Pending.RELAX -> RELAX;
            case Pending.IDLE -> IDLE;
            case Pending.SWITCH -> SWITCH;
            default -> throw new IllegalArgumentException("pending: " + pending);
        };
    }
}
