package kemu.trace.plan;

/** What is known of one page of a VMA, as far as it decides whether an access faults. */
final class PageState {
    /** Never accessed: any access is one fault. */
    static final byte UNTOUCHED = 0;
    /**
     * Read: mapped read-only (zero page or file page). Reading is free, writing a private writable one is one fault.
     */
    static final byte READ = 1;
    /** Written by this process: both are free. */
    static final byte WRITTEN = 2;
    /** Anonymous and write-protected by a fork: reading is free, writing is one fault, whoever writes first. */
    static final byte COW = 3;
    /**
     * READ in the parent when this child was forked; whether fork copied the entry depends on the VMA. Writing is one
     * fault either way.
     */
    static final byte MAYBE = 4;
    /**
     * Anonymous in a VMA that lost and may have regained its write permission: reading is free, writing is not
     * predictable.
     */
    static final byte PRESENT = 5;
    /** Not predictable: never accessed again. */
    static final byte DEAD = 6;

    static final int COUNT = 7;

    private PageState() {}

    /** After fork, in the parent. */
    static byte forkedParent(byte s, boolean shared) {
        return s == WRITTEN && !shared ? COW : s;
    }

    /** After fork, in the child. */
    static byte forkedChild(byte s, boolean shared) {
        return switch (s) {
            case UNTOUCHED, DEAD, PRESENT, COW -> s;
            case WRITTEN -> shared ? DEAD : COW;
            default -> shared ? DEAD : MAYBE;
        };
    }

    /**
     * After mprotect from {@code before} to {@code after}: whether the pages could and can be written or accessed at
     * all.
     */
    static byte protectedState(byte s, boolean writableBefore, boolean accessibleAfter) {
        if (s == UNTOUCHED) {
            return s;
        }
        if (!accessibleAfter) {
            return DEAD;
        }
        return writableBefore && (s == WRITTEN || s == COW) ? PRESENT : s;
    }
}
