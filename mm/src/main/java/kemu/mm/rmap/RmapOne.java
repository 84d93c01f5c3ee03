package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.types.VmArea;

/** What a walk over the VMAs of a page does with each ({@link RmapVisit}). Stateless and allocation-free. */
public interface RmapOne {
    /**
     * Looks for the pte of {@code vma} that the walk is about.
     *
     * @param argument what the walk was called with
     * @return false to end the walk here
     */
    boolean visit(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long argument);
}
