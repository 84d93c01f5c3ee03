package kemu.mm.vma;

import kemu.hw.machine.Machine;
import kemu.mm.page.VmStat;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.rcu.Rcu;

/**
 * What a {@link VmaLookup} may use: all of it is built before the lookup.
 *
 * @param machine the machine, still booting
 * @param vmStat counters
 * @param rcu read sections and callbacks
 * @param slabs for caches of its own
 * @param mmRefs references to mm_structs
 * @param vmas the cache of VMAs
 * @param taskWords what {@link VmaMemory#reserveTasks} returned
 */
public record VmaServices(
        Machine machine, VmStat vmStat, Rcu rcu, SlabAllocator slabs, MmRefs mmRefs, KmemCache vmas, long taskWords) {}
