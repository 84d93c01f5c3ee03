package kemu.mm.rmap;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;

/**
 * Counts the ptes that map a page and keeps the link from the page to its VMAs. The callers keep the mm's rss counters.
 *
 * <p>An anonymous page keeps the mapping of its first life in memory until it is freed: unmapping leaves it, since a
 * racing {@link #pageAddAnonRmap} may just have set it. Source: Linux 2.6.36 mm/rmap.c.
 */
public final class PageRmap {

    private final VmStat vmStat;
    private final Lru lru;
    private final SharedAnonVma shared;

    /** Boot only. */
    public PageRmap(VmStat vmStat, Lru lru, SharedAnonVma shared) {
        this.vmStat = vmStat;
        this.lru = lru;
        this.shared = shared;
    }

    /** linear_page_index: the number that {@code vma} gives to the page at {@code address}. */
    public static long indexOf(Cpu cpu, @Ref(VmArea.class) long vma, long address) {
        return ((address - VmArea.VM_START.readOnce(cpu, vma)) >>> PAGE_SHIFT) + VmArea.VM_PGOFF.readOnce(cpu, vma);
    }

    /**
     * page_add_new_anon_rmap: first mapping of a page private to the faulter, whose contents are complete; also adds it
     * to the active LRU list (unevictable if the VMA is locked). Context: pte lock; the VMA is prepared.
     */
    public void pageAddNewAnonRmap(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address) {
        boolean locked = (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0;
        newAnon(cpu, page, locked);
        Page.INDEX.writeOnce(cpu, page, indexOf(cpu, vma, address));
        Page.MAPCOUNT.writeOnce(cpu, page, 0);
        Page.MAPPING.writeOnce(cpu, page, VmArea.ANON_VMA.readOnce(cpu, vma) | Page.MAPPING_ANON);
        addedNewAnon(cpu, page, vma, locked);
    }

    /**
     * __page_add_new_anon_rmap: the same where the VMA may change at any time, with what it said when it had not.
     * Source: [PATCH v12 17/31] Speculative page faults, where the index is read from the VMA.
     */
    public void pageAddNewAnonRmap(
            Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long flags, long index, long anonVma) {
        boolean locked = (flags & VmArea.VM_LOCKED) != 0;
        newAnon(cpu, page, locked);
        Page.INDEX.writeOnce(cpu, page, index);
        Page.MAPCOUNT.writeOnce(cpu, page, 0);
        Page.MAPPING.writeOnce(cpu, page, anonVma | Page.MAPPING_ANON);
        addedNewAnon(cpu, page, vma, locked);
    }

    private static void newAnon(Cpu cpu, long page, boolean locked) {
        // Nobody else can see the page yet, so its words are written without atomics; the pte's store publishes them.
        long flags = Page.FLAGS.get(cpu, page) | Page.PG_SWAPBACKED | Page.PG_UPTODATE;
        Page.FLAGS.writeOnce(cpu, page, flags | (locked ? Page.PG_MLOCKED : Page.PG_ACTIVE));
    }

    private void addedNewAnon(Cpu cpu, long page, long vma, boolean locked) {
        cpu.tell(Event.ANON_MAPPED, page, vma);
        vmStat.inc(cpu, VmStatItem.NR_ANON_PAGES);
        if (locked) {
            vmStat.inc(cpu, VmStatItem.NR_MLOCK);
            lru.addUnevictable(cpu, page);
        } else {
            lru.add(cpu, page, false);
        }
    }

    /**
     * do_page_add_anon_rmap: one more mapping of an anonymous page that was in memory before; {@code exclusive} if the
     * caller's process is its only owner. Context: pte lock and page lock.
     */
    public void pageAddAnonRmap(
            Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address, boolean exclusive) {
        // The count rises before mapping is written.
        if (cpu.fetchAdd32(Page.MAPCOUNT.of(page), 1, RmapBarriers.MAPCOUNT_RAISE) == -1) {
            vmStat.inc(cpu, VmStatItem.NR_ANON_PAGES);
            if (!Page.test(cpu, page, Page.PG_LOCKED)) {
                throw new KernelBug(
                        FailureKind.RMAP_USAGE,
                        "BUG: page_add_anon_rmap of an unlocked page 0x" + Long.toHexString(page));
            }
            setAnonRmap(cpu, page, vma, address, exclusive);
        } else {
            checkAnonRmap(cpu, page, vma, address);
        }
        cpu.tell(Event.ANON_MAPPED, page, vma);
    }

    /**
     * __page_set_anon_rmap: a page that several processes may come to share points to what {@link SharedAnonVma} says;
     * one that is already anonymous keeps its finer value.
     */
    private void setAnonRmap(Cpu cpu, long page, long vma, long address, boolean exclusive) {
        if (Page.isAnon(cpu, page)) {
            return;
        }
        long anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
        if (!exclusive) {
            anonVma = shared.of(cpu, anonVma);
        }
        Page.INDEX.writeOnce(cpu, page, indexOf(cpu, vma, address));
        Page.MAPPING.writeOnce(cpu, page, anonVma | Page.MAPPING_ANON);
    }

    /** __page_check_anon_rmap: a page already mapped belongs to the same tree and has the same number in it. */
    private static void checkAnonRmap(Cpu cpu, long page, long vma, long address) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        long root = AnonVma.ROOT.readOnce(cpu, mapping - Page.MAPPING_ANON);
        if (root != AnonVma.ROOT.readOnce(cpu, VmArea.ANON_VMA.readOnce(cpu, vma))) {
            throw new KernelBug(
                    FailureKind.RMAP_I3,
                    "BUG: page 0x" + Long.toHexString(page) + " is mapped by a VMA of another anon_vma tree");
        }
        if (Page.INDEX.get(cpu, page) != indexOf(cpu, vma, address)) {
            throw new KernelBug(
                    FailureKind.RMAP_USAGE, "BUG: page 0x" + Long.toHexString(page) + " is mapped at the wrong offset");
        }
    }

    /** page_add_file_rmap. Context: pte lock. */
    public void pageAddFileRmap(Cpu cpu, @Ref(Page.class) long page) {
        if (cpu.fetchAdd32(Page.MAPCOUNT.of(page), 1, RmapBarriers.MAPCOUNT_RAISE) == -1) {
            vmStat.inc(cpu, VmStatItem.NR_MAPPED);
        }
    }

    /** page_dup_rmap: fork copies a pte, so the page is mapped already. Context: both pte locks. */
    public void pageDupRmap(Cpu cpu, @Ref(Page.class) long page) {
        cpu.fetchAdd32(Page.MAPCOUNT.of(page), 1, Order.RELAXED);
    }

    /** page_remove_rmap: one mapping less; leaves mapping set. Context: pte lock. */
    public void pageRemoveRmap(Cpu cpu, @Ref(Page.class) long page) {
        int old = cpu.fetchAdd32(Page.MAPCOUNT.of(page), -1, RmapBarriers.MAPCOUNT_DROP);
        if (old == 0) {
            vmStat.add(cpu, Page.isAnon(cpu, page) ? VmStatItem.NR_ANON_PAGES : VmStatItem.NR_MAPPED, -1);
        } else if (old < 0) {
            throw new KernelBug(
                    FailureKind.BAD_PAGE_STATE,
                    "BUG: Bad page map: page 0x" + Long.toHexString(page) + " unmapped once too often, _mapcount "
                            + (old - 1));
        }
    }

    /**
     * page_move_anon_rmap: the sole owner reuses the page, so it may point to the owner's own anon_vma, which is of the
     * same tree. Context: page lock.
     */
    public void pageMoveAnonRmap(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address) {
        if (Page.INDEX.get(cpu, page) != indexOf(cpu, vma, address)) {
            throw new KernelBug(
                    FailureKind.RMAP_USAGE, "BUG: page 0x" + Long.toHexString(page) + " is reused at the wrong offset");
        }
        Page.MAPPING.writeOnce(cpu, page, VmArea.ANON_VMA.readOnce(cpu, vma) | Page.MAPPING_ANON);
        cpu.tell(Event.ANON_MAPPED, page, vma);
    }
}
