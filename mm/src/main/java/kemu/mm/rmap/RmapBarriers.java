package kemu.mm.rmap;

import kemu.hw.order.Barriers;

/**
 * Ordering points of reverse mapping, in pairs. A side that a lock or an atomic implies has a constant, too, and is the
 * order given to that atomic.
 */
public final class RmapBarriers {
    /**
     * Freeing side of a store-buffering shape: refcount drops to 0, <b>full fence</b>, then "is the root locked?" is
     * loaded. Pairs with {@link #LOCK_ROOT_VS_FREE}. Without it the free overtakes a walker that has just locked.
     * Forbidden: the freer sees the root free and the walker sees the page mapped. Source: Linux 3.8 mm/rmap.c,
     * anon_vma_free().
     */
    public static final int PUT_LAST_REF = Barriers.full("rmap.PUT_LAST_REF");

    /**
     * Looking side: the root is locked (store), <b>full fence</b>, then the mapcount is loaded. Pairs with
     * {@link #PUT_LAST_REF}. Source: Linux 3.8 mm/rmap.c, page_lock_anon_vma_read().
     */
    public static final int LOCK_ROOT_VS_FREE = Barriers.fence("rmap.LOCK_ROOT_VS_FREE");

    /**
     * Mapcount falls before the anon_vma is unlinked and freed. Pairs with {@link #PIN} and with the root lock taken by
     * a looker: whoever saw the anon_vma unlinked or reused sees the page unmapped. Forbidden: a looker owns the root
     * lock, the anon_vma is reused, and the second mapped test passes. Source: Linux 2.6.36 mm/rmap.c,
     * page_remove_rmap().
     */
    public static final int MAPCOUNT_DROP = Barriers.full("rmap.MAPCOUNT_DROP");

    /**
     * A pin is taken (refcount raised unless 0) before the mapcount is loaded again. Pairs with {@link #MAPCOUNT_DROP}.
     * Source: Linux 3.0 mm/rmap.c, page_get_anon_vma().
     */
    public static final int PIN = Barriers.full("rmap.PIN");

    /**
     * Mapcount rises before page.mapping is written; lookers load mapping, then mapcount, with nothing between them.
     * Forbidden: none that hurts is known; a looker may pair the old mapping with the new count, which is why a mapping
     * already anonymous is kept. Source: Linux 2.6.36 mm/rmap.c, do_page_add_anon_rmap().
     */
    public static final int MAPCOUNT_RAISE = Barriers.full("rmap.MAPCOUNT_RAISE");

    private RmapBarriers() {}
}
