package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.task.RwSem;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.FollowPage;
import kemu.mm.pgtable.PageTable;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.Mms;

/** From an address that ksmd knows to the page there. Source: Linux 2.6.36 mm/ksm.c and mm/memory.c. */
final class ScannedPage {
    private final Mms mms;
    private final PageTable pageTable;
    private final PageAllocator pages;

    /** Boot only. */
    ScannedPage(Mms mms, PageTable pageTable, PageAllocator pages) {
        this.mms = mms;
        this.pageTable = pageTable;
        this.pages = pages;
    }

    /** ksm_test_exit: the last user of {@code mm} is gone, or on its way; its page tables are not to be touched. */
    static boolean exits(Cpu cpu, @Ref(MmStruct.class) long mm) {
        return MmStruct.MM_USERS.readOnce(cpu, mm) == 0;
    }

    /** follow_page with FOLL_GET: the page with a reference, NULL if there is none. Context: mmap_sem. */
    @Ref(Page.class)
    long follow(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        return FollowPage.get(cpu, pages, pageTable, mm, address);
    }

    /** {@link #follow}, if the page is anonymous. */
    @Ref(Page.class)
    long followAnon(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long page = follow(cpu, mm, address);
        if (page != Cpu.NULL && !Page.isAnon(cpu, page)) {
            pages.putPage(cpu, page);
            return Cpu.NULL;
        }
        return page;
    }

    /**
     * find_mergeable_vma: the VMA at {@code address} that still asks for merging and has an anon_vma, or NULL. Context:
     * mmap_sem.
     */
    @Ref(VmArea.class)
    long vmaAt(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        if (exits(cpu, mm)) {
            return Cpu.NULL;
        }
        long vma = mms.findVma(cpu, mm, address);
        boolean merges = vma != Cpu.NULL
                && VmArea.VM_START.readOnce(cpu, vma) <= address
                && (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_MERGEABLE) != 0
                && VmArea.ANON_VMA.acquire(cpu, vma) != Cpu.NULL;
        return merges ? vma : Cpu.NULL;
    }

    /** get_mergeable_page: the page of an item, with a reference, or NULL. Context: no lock; may sleep. */
    @Ref(Page.class)
    long get(Cpu cpu, @Ref(RmapItem.class) long item) {
        long mm = RmapItem.MM.get(cpu, item);
        long address = RmapItem.address(cpu, item);
        RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
        long page = vmaAt(cpu, mm, address) == Cpu.NULL ? Cpu.NULL : followAnon(cpu, mm, address);
        RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        return page;
    }
}
