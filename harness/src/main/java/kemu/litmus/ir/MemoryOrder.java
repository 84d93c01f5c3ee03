package kemu.litmus.ir;

/** What an access or an atomic keeps in order. */
public enum MemoryOrder {
    /** Nothing. */
    RELAXED,
    /** Its load before what follows. */
    ACQUIRE,
    /** Its store after what stands before. */
    RELEASE,
    /** Everything, as if a full barrier stood on each side; an atomic that fails orders nothing. */
    FULL
}
