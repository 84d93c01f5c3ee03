package kemu.cli;

/** A verb that can say whether it would do what was typed, and do nothing. */
interface Rehearsed {
    /** Throws {@link kemu.option.UsageException} at what it would not do. */
    void rehearse();
}
