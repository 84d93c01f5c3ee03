package kemu.hw.cache;

/** What the cache of a CPU counts. */
public enum CacheEvent {
    /** A load or store of a line that the CPU holds in a sufficient state. */
    HIT,
    /** A miss that memory answered: no other CPU held the line. */
    MISS_MEMORY,
    /** A miss of a line that other CPUs held clean. */
    MISS_CLEAN,
    /** A miss of a line that another CPU had modified: it was transferred. */
    TRANSFER,
    /** A store to a line held shared: the others had to be told. */
    UPGRADE,
    /** A line of this CPU that a store of another took away. */
    INVALIDATED,
    /** A line given up for want of room. */
    EVICTED,
    /** A modified line given up for want of room, or shared with a reader: written to memory. */
    WRITTEN_BACK
}
