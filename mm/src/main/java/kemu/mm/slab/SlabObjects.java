package kemu.mm.slab;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.Page;

/** The objects of a cache, found by looking at all slabs in memory. For instruments: reads without steps. */
public final class SlabObjects {
    private SlabObjects() {}

    /** The allocated ones, or the free ones, of {@code cache}, in order of address. Context: machine at rest. */
    public static List<Long> of(EmuMachine machine, SlabAllocator slabs, KmemCache cache, boolean allocated) {
        List<Long> found = new ArrayList<>();
        ObjectLayout layout = cache.layout();
        long frames = machine.memory().sizeBytes() >> PhysMem.PAGE_SHIFT;
        for (long pfn = 0; pfn < frames; pfn += 1L << layout.order()) {
            long page = slabs.pages().pageOfPfn(pfn);
            if ((machine.memoryWord(Page.FLAGS.of(page)) & Page.PG_SLAB) == 0
                    || machine.memoryWord(Page.SLAB_CACHE.of(page)) != cache.struct()) {
                continue;
            }
            for (int i = 0; i < layout.objects(); i++) {
                long object = (pfn << PhysMem.PAGE_SHIFT) + (long) i * layout.slotSize();
                if ((machine.memoryWord(object + layout.stateOffset()) & 1) != 0 == allocated) {
                    found.add(object);
                }
            }
        }
        return found;
    }
}
