package kemu.mm.page;

import kemu.hw.cpu.Cpu;

/** What the page allocator calls when memory runs low. One implementation, set at boot. */
public interface Reclaimer {
    /** wake_all_kswapd. Context: any, spinlocks may be held. */
    void wakeKswapd(Cpu cpu);

    /** try_to_free_pages: pages reclaimed by the calling task. Context: may sleep. */
    long directReclaim(Cpu cpu, int gfp, int order);

    /** out_of_memory: chooses and marks a victim; true if freeing is to be expected. Context: may sleep. */
    boolean outOfMemory(Cpu cpu);
}
