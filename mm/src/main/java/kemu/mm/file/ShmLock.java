package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.Sched;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.UnevictableMappings;

/**
 * shmctl(SHM_LOCK) and SHM_UNLOCK: a file keeps its pages in memory, mapped or not. Reclaim finds out page by page and
 * puts them on the unevictable list; unlocking brings them back at once.
 *
 * <p>Source: Linux 2.6.36 mm/shmem.c shmem_lock(), mm/vmscan.c scan_mapping_unevictable_pages().
 */
public final class ShmLock implements UnevictableMappings {
    private final Lru lru;
    private final PageAllocator pages;

    /** Boot only. */
    public ShmLock(Lru lru, PageAllocator pages) {
        this.lru = lru;
        this.pages = pages;
    }

    @Override
    public boolean hold(Cpu cpu, @Ref(Page.class) long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        return mapping != Cpu.NULL
                && (mapping & Page.MAPPING_FLAGS) == 0
                && (AddressSpace.FLAGS.readOnce(cpu, mapping) & AddressSpace.AS_UNEVICTABLE) != 0;
    }

    /** SHM_LOCK. Context: a reference on the file; nobody locks or unlocks it at the same time. */
    public void lock(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        lru.countUnevictableMappings(cpu, 1);
        AddressSpace.FLAGS.setBits(cpu, mapping, AddressSpace.AS_UNEVICTABLE);
    }

    /** SHM_UNLOCK. Context: a reference on the file; nobody locks or unlocks it at the same time. May sleep. */
    public void unlock(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        AddressSpace.FLAGS.clearBits(cpu, mapping, AddressSpace.AS_UNEVICTABLE);
        long index = 0;
        // Ends: every round moves the index up.
        while (true) {
            long page = PageCache.next(cpu, mapping, index);
            if (page == Cpu.NULL) {
                break;
            }
            index = Page.INDEX.get(cpu, page) + 1;
            lru.rescue(cpu, page);
            pages.putPage(cpu, page);
            Sched.of(cpu).condResched(cpu);
        }
        lru.countUnevictableMappings(cpu, -1);
    }
}
