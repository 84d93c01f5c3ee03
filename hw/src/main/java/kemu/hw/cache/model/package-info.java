/**
 * The memory models of emulated CPUs: one class each, that says what its CPUs may do to the order of accesses
 * ({@link kemu.hw.cache.model.MemoryModelProvider}). The built-in ones are listed in {@code kemu.hw.cache.MemoryModel},
 * plugins bring others, and what they say is done by the buffers of {@code kemu.hw.cache}. Knows nothing else; no
 * locks.
 */
package kemu.hw.cache.model;
