package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;

/**
 * Which files keep their pages in memory: files are above the LRU, and implement this. One implementation, set at boot.
 * Source: Linux 2.6.36 include/linux/pagemap.h, mapping_unevictable().
 */
public interface UnevictableMappings {
    /** True if the file of {@code page} holds it; false if it has none. Context: any. */
    boolean hold(Cpu cpu, @Ref(Page.class) long page);
}
