package kemu.mm.pgtable;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.types.MmStruct;

/** follow_page with FOLL_GET: from an address to the page there. Source: Linux 2.6.36 mm/memory.c. */
public final class FollowPage {
    private FollowPage() {}

    /** The page mapped at {@code address}, with a reference; NULL if there is none. Context: mmap_sem. */
    public static @Ref(Page.class) long get(
            Cpu cpu, PageAllocator pages, PageTable pageTable, @Ref(MmStruct.class) long mm, long address) {
        long pte = pageTable.find(cpu, mm, address);
        if (pte == Cpu.NULL || !Pte.present(cpu.readOnce64(pte))) {
            return Cpu.NULL;
        }
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        long page = Cpu.NULL;
        if (Pte.present(value) && (value & Pte.SPECIAL) == 0) {
            page = pages.pageOf(Pte.frame(value));
            Page.get(cpu, page);
        }
        SpinLock.unlock(cpu, lock);
        return page;
    }
}
