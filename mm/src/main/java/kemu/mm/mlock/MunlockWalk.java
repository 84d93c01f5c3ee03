package kemu.mm.mlock;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;

/** How munlock finds the other VMAs that map a page: reverse mapping is above mlock, and implements this. */
public interface MunlockWalk {
    /**
     * try_to_munlock: mlocks the page again if another locked VMA maps it; true if it did. A VMA whose mmap_sem is not
     * to be had at once is passed over. Context: page lock.
     */
    boolean tryToMunlock(Cpu cpu, @Ref(Page.class) long page);
}
