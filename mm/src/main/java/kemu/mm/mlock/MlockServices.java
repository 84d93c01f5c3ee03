package kemu.mm.mlock;

import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStat;

/** What a strategy may use. */
public record MlockServices(PageAllocator pages, Lru lru, PageLock pageLock, VmStat vmStat) {}
