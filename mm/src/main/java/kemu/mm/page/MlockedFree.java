package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;

/**
 * What becomes of a page that is freed while it carries PG_mlocked, which nobody should leave behind. The allocator is
 * below mlock, which implements this. One implementation, set at boot.
 */
public interface MlockedFree {
    /** The last reference of {@code page}, which has PG_mlocked, is gone. Context: any. */
    void freedMlocked(Cpu cpu, @Ref(Page.class) long page);
}
