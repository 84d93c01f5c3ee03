/**
 * How a modelled CPU delays and reorders memory accesses: a buffer of stores that others do not see yet, and a queue of
 * words of which the CPU still sees an old value. Barriers act on these two; see {@link kemu.hw.cache.MemoryModel} for
 * what each model can show.
 *
 * <p>Entry class: {@link kemu.hw.cache.CpuBuffers}. No locks: everything runs on one host thread. The state is that of
 * hardware, not of the kernel: it lives in Java arrays and is empty whenever memory is saved or restored.
 */
package kemu.hw.cache;
