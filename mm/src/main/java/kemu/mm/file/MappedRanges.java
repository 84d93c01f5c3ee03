package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;

/** Takes pages of files out of page tables. Address spaces, which lie above files, implement it. */
public interface MappedRanges {
    /**
     * unmap_mapping_range: no pte maps a page from {@code first} to {@code last} of the file when it returns, but for
     * those mapped meanwhile. Context: may sleep; the page lock may be held, and i_mutex is if the file has an end.
     *
     * @param evenCows whether private copies go as well, and what was swapped out of them
     */
    void unmapMappingRange(Cpu cpu, @Ref(AddressSpace.class) long mapping, long first, long last, boolean evenCows);

    /**
     * clear_page_mlock of truncate_complete_page: the page, which nobody maps, is about to leave. Context: page lock.
     */
    void truncating(Cpu cpu, @Ref(Page.class) long page);
}
