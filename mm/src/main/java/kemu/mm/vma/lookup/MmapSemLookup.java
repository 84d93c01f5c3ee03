package kemu.mm.vma.lookup;

import kemu.mm.vma.VmaLookup;

/** Every fault takes mmap_sem for reading. Source: Linux 2.6.36 arch/x86/mm/fault.c, do_page_fault(). */
final class MmapSemLookup implements VmaLookup {
    static final String NAME = "mmap-sem";

    @Override
    public String name() {
        return NAME;
    }
}
