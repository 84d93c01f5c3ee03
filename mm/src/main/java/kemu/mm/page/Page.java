package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.rcu.list.ListHead;

/**
 * {@code struct page}: one per frame, in {@code mem_map}. 64 bytes. Words that only slab, buddy or page-table pages use
 * overlay words that only LRU pages use; each overlay keeps the width of the word under it.
 *
 * <p>Source: Linux 2.6.36 include/linux/mm_types.h.
 */
public final class Page {
    /** Flag bit: locked ({@code lock_page}); the bit is the lock. */
    public static final long PG_LOCKED = 1L;
    /** Flag bit: referenced since it was last looked at. */
    public static final long PG_REFERENCED = 1L << 1;
    /** Flag bit: contents are valid. */
    public static final long PG_UPTODATE = 1L << 2;
    /** Flag bit: contents differ from the backing store. */
    public static final long PG_DIRTY = 1L << 3;
    /** Flag bit: linked on an LRU list. */
    public static final long PG_LRU = 1L << 4;
    /** Flag bit: belongs to an active list. */
    public static final long PG_ACTIVE = 1L << 5;
    /** Flag bit: a slab's page. */
    public static final long PG_SLAB = 1L << 6;
    /** Flag bit: being written to the backing store. */
    public static final long PG_WRITEBACK = 1L << 7;
    /** Flag bit: in the swap cache; {@link #PRIVATE} holds the swap entry. */
    public static final long PG_SWAPCACHE = 1L << 8;
    /** Flag bit: backed by swap (anonymous). Chooses the anon or file LRU lists. */
    public static final long PG_SWAPBACKED = 1L << 9;
    /** Flag bit: to be freed as soon as writeback ends. */
    public static final long PG_RECLAIM = 1L << 10;
    /** Flag bit: head of a free block of the buddy allocator; {@link #PRIVATE} holds the order. */
    public static final long PG_BUDDY = 1L << 11;
    /** Flag bit: never given to the allocator (boot, mem_map itself). */
    public static final long PG_RESERVED = 1L << 12;
    /** Flag bit: belongs to the unevictable list. */
    public static final long PG_UNEVICTABLE = 1L << 13;
    /** Flag bit: mapped by a locked VMA. */
    public static final long PG_MLOCKED = 1L << 14;
    /** Flag bit: a page-table page. */
    public static final long PG_TABLE = 1L << 15;

    /** Flag bit: free, in the buddy allocator or on a per-CPU list. Every free page has it, no other page does. */
    public static final long PG_FREE = 1L << 16;
    /** Flag bit: head of a block of several pages, huge or being freed; {@link #PRIVATE} holds the order. */
    public static final long PG_HEAD = 1L << 17;
    /** Flag bit: somebody sleeps until PG_LOCKED or PG_WRITEBACK is clear ({@link PageLock}). */
    public static final long PG_WAITERS = 1L << 18;

    /** Flag bit: the frame's memory has failed; it is never used again. */
    public static final long PG_HWPOISON = 1L << 19;

    /**
     * Flag bit: head of a huge page, which PMDs map. It stands for its {@link #HUGE_FRAMES} frames; the struct pages of
     * the others have no reference and no flag until it is split. Always with PG_HEAD. Cleared under lru_lock.
     */
    public static final long PG_HUGE = 1L << 20;

    /** Order of a huge page. */
    public static final int HUGE_ORDER = 9;
    /** Frames of a huge page. */
    public static final int HUGE_FRAMES = 1 << HUGE_ORDER;

    /** Flags that a page must not carry when it is freed (bad_page). PG_MLOCKED is counted and cleared instead. */
    public static final long CHECK_AT_FREE = PG_LOCKED
            | PG_LRU
            | PG_ACTIVE
            | PG_SLAB
            | PG_WRITEBACK
            | PG_SWAPCACHE
            | PG_BUDDY
            | PG_RESERVED
            | PG_UNEVICTABLE
            | PG_TABLE
            | PG_HWPOISON
            | PG_FREE;

    private static final String[] FLAG_NAMES = {
        "locked",
        "referenced",
        "uptodate",
        "dirty",
        "lru",
        "active",
        "slab",
        "writeback",
        "swapcache",
        "swapbacked",
        "reclaim",
        "buddy",
        "reserved",
        "unevictable",
        "mlocked",
        "table",
        "free",
        "head",
        "waiters",
        "hwpoison",
        "huge"
    };

    /** Tag in {@link #MAPPING}: the word points to an anon_vma. */
    public static final long MAPPING_ANON = 1;
    /** Tag in {@link #MAPPING}: with MAPPING_ANON, a KSM page. */
    public static final long MAPPING_KSM = 2;
    /** All tags. */
    public static final long MAPPING_FLAGS = 3;

    private static final StructLayout.Builder S = StructLayout.struct("page");
    /**
     * Flag word. Atomic bit operations only, except while the page is private to its allocator; marked even then, since
     * a neighbour that is freed looks for PG_BUDDY.
     */
    public static final I64Field FLAGS = S.i64("flags");
    /** References ({@code _count}); 0 means free. Atomics. */
    public static final I32Field COUNT = S.i32("_count");
    /** Ptes that map the page, minus one ({@code _mapcount}); -1 means unmapped. Atomics. */
    public static final I32Field MAPCOUNT = S.i32("_mapcount");
    /**
     * address_space of a file page, or anon_vma plus {@link #MAPPING_ANON}. Written under the page lock or before the
     * page is visible; read once by lockless walkers; cleared only when an anonymous page is freed.
     */
    public static final I64Field MAPPING = S.i64("mapping");
    /** Offset in the mapping, in pages. Written before the page is visible. Slab: free list of the slab. */
    public static final I64Field INDEX = S.i64("index");
    /** Swap entry (swap cache, page lock), buddy order (zone lock), slab counters (slab lock). */
    public static final I64Field PRIVATE = S.i64("private");
    /** Link on an LRU list (lru_lock), a free list (zone lock), a slab list (list lock), or a caller's private list. */
    public static final Embedded LRU = S.embed("lru", ListHead.LAYOUT);
    /** Cache of a slab page; constant while PG_SLAB is set. */
    public static final RefField SLAB_CACHE = S.ref("slab_cache", Object.class);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private Page() {}

    /** page_mapped: some pte maps the page. One untorn load. */
    public static boolean isMapped(Cpu cpu, @Ref(Page.class) long page) {
        return MAPCOUNT.readOnce(cpu, page) >= 0;
    }

    /** PageAnon: the mapping word carries the anonymous tag. One untorn load. */
    public static boolean isAnon(Cpu cpu, @Ref(Page.class) long page) {
        return (MAPPING.readOnce(cpu, page) & MAPPING_ANON) != 0;
    }

    /** True if any of {@code flags} is set. One untorn load. */
    public static boolean test(Cpu cpu, @Ref(Page.class) long page, long flags) {
        return (FLAGS.readOnce(cpu, page) & flags) != 0;
    }

    /** hpage_nr_pages: how many frames a page with flag word {@code flags} stands for. */
    public static int frames(long flags) {
        return (flags & PG_HUGE) != 0 ? HUGE_FRAMES : 1;
    }

    /** The page whose {@link #LRU} link is at {@code node}: list_entry. */
    public static @Ref(Page.class) long ofLru(long node) {
        return LRU.containerOf(node);
    }

    /** Names of the set flags, separated by bars, for reports. */
    public static String flagNames(long flags) {
        StringBuilder out = new StringBuilder(64);
        for (int i = 0; i < FLAG_NAMES.length; i++) {
            if ((flags & 1L << i) != 0) {
                out.append(out.isEmpty() ? "" : "|").append(FLAG_NAMES[i]);
            }
        }
        return out.toString();
    }

    /** The page's words in the kernel's wording (dump_page), for reports. */
    public static String describe(Cpu cpu, @Ref(Page.class) long page) {
        return "page:0x" + Long.toHexString(page) + " count:" + COUNT.readOnce(cpu, page) + " mapcount:"
                + (MAPCOUNT.readOnce(cpu, page) + 1) + " mapping:0x" + Long.toHexString(MAPPING.readOnce(cpu, page))
                + " index:0x" + Long.toHexString(INDEX.readOnce(cpu, page)) + " private:0x"
                + Long.toHexString(PRIVATE.readOnce(cpu, page)) + " flags:("
                + flagNames(FLAGS.readOnce(cpu, page)) + ")";
    }

    /** get_page: one more reference; the caller already has one or holds a lock that keeps the page. */
    public static void get(Cpu cpu, @Ref(Page.class) long page) {
        COUNT.add(cpu, page, 1);
    }

    /** get_page_unless_zero: one more reference unless the page is free. Full order on success. */
    public static boolean getUnlessZero(Cpu cpu, @Ref(Page.class) long page) {
        return COUNT.addUnless(cpu, page, 1, 0);
    }
}
