package kemu.hw.sched;

/** What a lane would do next: the kind of an access and, for two of them, whether their order matters. */
public final class Op {
    /** Nothing: the lane is not there. */
    public static final int NONE = 0;
    /** A marked load. */
    public static final int READ = 1;
    /** A marked store. */
    public static final int WRITE = 2;
    /** An atomic read-modify-write, also one that may fail. */
    public static final int RMW = 3;
    /** A fence: orders its own CPU only. */
    public static final int FENCE = 4;
    /** A load that waits until the word fits. */
    public static final int WAIT = 5;
    /** A round of a spin loop that waits for any word to change. */
    public static final int RELAX = 6;

    private static final String[] NAMES = {"none", "read", "write", "rmw", "fence", "wait", "relax"};

    private Op() {}

    /** True if an operation of {@code kind} may change memory. */
    public static boolean writes(int kind) {
        return kind == WRITE || kind == RMW;
    }

    /** True if exchanging two operations of different lanes may make a difference. */
    public static boolean dependent(int kind, long address, int otherKind, long otherAddress) {
        if (kind == RELAX || otherKind == RELAX) {
            return writes(kind) || writes(otherKind);
        }
        return address == otherAddress && (writes(kind) || writes(otherKind)) && kind != FENCE && otherKind != FENCE;
    }

    /** The name of {@code kind}, for reports. */
    public static String name(int kind) {
        return NAMES[kind];
    }
}
