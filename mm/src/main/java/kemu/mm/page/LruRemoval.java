package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;

/**
 * How the page allocator gets a page that is about to be freed off its LRU list: put_page is below the LRU, which
 * implements this. One implementation, set at boot. Source: Linux 2.6.36 mm/swap.c, __page_cache_release() and
 * release_pages().
 */
interface LruRemoval {
    /** __page_cache_release: takes a page without references off its list. Context: any. */
    void removeForFree(Cpu cpu, @Ref(Page.class) long page);

    /** The same for those of the {@code count} pages listed at {@code array} that are on a list. Context: any. */
    void removeForFree(Cpu cpu, long array, int count);
}
