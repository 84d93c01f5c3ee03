package kemu.litmus.corpus;

/** What stands between the two accesses of a process. */
enum Link {
    PO("po"),
    MB("mb"),
    WMB("wmb"),
    RMB("rmb"),
    RELEASE("rel"),
    ACQUIRE("acq"),
    ADDR("addr"),
    DATA("data"),
    CTRL("ctrl"),
    LOCK("lock"),
    UNLOCK_LOCK("ul"),
    READER("rcu"),
    GRACE("gp"),
    SRCU_READER("srcu"),
    SRCU_GRACE("sgp");

    private final String label;

    Link(String label) {
        this.label = label;
    }

    /** As used in names of tests. */
    String label() {
        return label;
    }

    /** Whether it makes sense between accesses that write or read so; those that order nothing there are left out. */
    boolean fits(boolean firstWrites, boolean secondWrites) {
        return switch (this) {
            case WMB -> firstWrites && secondWrites;
            case RMB -> !firstWrites && !secondWrites;
            case RELEASE -> secondWrites;
            case ACQUIRE, ADDR -> !firstWrites;
            case DATA, CTRL -> !firstWrites && secondWrites;
            default -> true;
        };
    }
}
