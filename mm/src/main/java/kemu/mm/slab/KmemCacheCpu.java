package kemu.mm.slab;

import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.page.Page;

/** {@code struct kmem_cache_cpu}: the slab a CPU allocates from. Plain accesses by its own CPU. */
final class KmemCacheCpu {
    private static final StructLayout.Builder S = StructLayout.struct("kmem_cache_cpu");
    /** Next object to hand out, 0 if none. Own CPU. */
    static final RefField FREELIST = S.ref("freelist", Object.class);
    /** The frozen slab it belongs to, 0 if none. Own CPU. */
    static final RefField PAGE = S.ref("page", Page.class);
    /** Objects allocated less objects freed on this CPU; may be negative. Own CPU; others read it racily. */
    static final I64Field ACTIVE = S.i64("active");
    /** Freed object kept back longest, 0 if none. Own CPU. */
    static final RefField KEPT_FIRST = S.ref("kept_first", Object.class);
    /** Freed object kept back shortest, 0 if none. Own CPU. */
    static final RefField KEPT_LAST = S.ref("kept_last", Object.class);
    /** How many are kept back. Own CPU. */
    static final I32Field KEPT = S.i32("kept");
    /** Size and members: a line per CPU. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private KmemCacheCpu() {}
}
