package kemu.check.story;

import kemu.hw.mem.Symbols;

/**
 * The end of a life of a slab object, or the begin of the next.
 *
 * @param step during which the allocator was told
 * @param cpu of the task
 * @param task its name
 * @param freed false if it was allocated
 * @param object which
 * @param name of the object, without its state
 */
record ObjectEvent(int step, int cpu, String task, boolean freed, Symbols.Thing object, String name) {}
