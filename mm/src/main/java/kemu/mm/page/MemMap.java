package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;

/** {@code mem_map}: the array of struct pages, one per frame from frame 0, and the arithmetic between the two. */
final class MemMap {
    private static final int PAGE_STRUCT_SHIFT = 6;
    private static final int FRAME_TO_STRUCT_SHIFT = PhysMem.PAGE_SHIFT - PAGE_STRUCT_SHIFT;

    private final long base;
    private final long pages;
    private final long bytes;
    private final long firstManaged;

    /**
     * Lays out the array, takes all memory that boot has left, and marks every frame reserved or free. Boot only, and
     * the last to use the boot allocator.
     */
    MemMap(Machine machine) {
        Cpu boot = machine.bootCpu();
        pages = machine.memory().sizeBytes() >> PhysMem.PAGE_SHIFT;
        bytes = pages << PAGE_STRUCT_SHIFT;
        base = machine.bootAllocator().allocate(boot, bytes, Page.LAYOUT.sizeBytes(), "mem_map");
        firstManaged = machine.bootAllocator().takeRest() >> PhysMem.PAGE_SHIFT;
        for (long pfn = 0; pfn < pages; pfn++) {
            long page = base + (pfn << PAGE_STRUCT_SHIFT);
            boolean reserved = pfn < firstManaged;
            Page.MAPCOUNT.set(boot, page, -1);
            Page.FLAGS.set(boot, page, reserved ? Page.PG_RESERVED : Page.PG_FREE);
            if (reserved) {
                Page.COUNT.set(boot, page, 1);
            }
        }
    }

    long frameOf(@Ref(Page.class) long page) {
        if (!has(page)) {
            throw new KernelBug(FailureKind.WILD_ACCESS, "BUG: 0x" + Long.toHexString(page) + " is no struct page");
        }
        return page - base << FRAME_TO_STRUCT_SHIFT;
    }

    @Ref(Page.class)
    long pageOf(long frame) {
        if (Long.compareUnsigned(frame, pages << PhysMem.PAGE_SHIFT) >= 0) {
            throw new KernelBug(
                    FailureKind.WILD_ACCESS, "BUG: no struct page for address 0x" + Long.toHexString(frame));
        }
        return base + (frame >> PhysMem.PAGE_SHIFT << PAGE_STRUCT_SHIFT);
    }

    /** True if this is the address of a struct page. */
    boolean has(long page) {
        return Long.compareUnsigned(page - base, bytes) < 0 && (page - base & (Page.LAYOUT.sizeBytes() - 1)) == 0;
    }

    long pfnOf(@Ref(Page.class) long page) {
        return (page - base) >> PAGE_STRUCT_SHIFT;
    }

    @Ref(Page.class)
    long pageOfPfn(long pfn) {
        return base + (pfn << PAGE_STRUCT_SHIFT);
    }

    /** Frames of the machine, frame 0 and boot's included. */
    long pages() {
        return pages;
    }

    /** First frame number that the allocator manages; it manages all from there. */
    long firstManaged() {
        return firstManaged;
    }
}
