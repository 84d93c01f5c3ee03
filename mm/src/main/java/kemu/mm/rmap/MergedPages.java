package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;

/**
 * Where KSM pages are mapped: their mapping leads to no anon_vma. Whoever merges pages is above reverse mapping, and
 * implements this.
 */
public interface MergedPages {
    /** True if {@code mapping} is that of a KSM page. */
    static boolean isMerged(long mapping) {
        return (mapping & Page.MAPPING_FLAGS) == (Page.MAPPING_ANON | Page.MAPPING_KSM);
    }

    /** PageKsm. One untorn load. */
    static boolean isMerged(Cpu cpu, @Ref(Page.class) long page) {
        return isMerged(Page.MAPPING.readOnce(cpu, page));
    }

    /**
     * rmap_walk_ksm: visits the places that are known where the page may be mapped; what the last visit returned,
     * {@link RmapVisitor#STOP} included. A place may be missed until it has been scanned. Context: page lock, may sleep
     * with some strategies.
     */
    long walk(Cpu cpu, @Ref(Page.class) long page, RmapVisitor visitor);
}
