package kemu.mm.rmap;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.mm.mlock.Mlocking;
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
    private final Mlocking mlocking;
    private final boolean clearsOnLastUnmap;
    private final boolean followsMappings;
    private final boolean merges;
    private final boolean huge;

    /** {@code merges} if there may be KSM pages, {@code huge} if there may be huge ones. Boot only. */
    public PageRmap(VmStat vmStat, Lru lru, SharedAnonVma shared, Mlocking mlocking, boolean merges, boolean huge) {
        this.merges = merges;
        this.huge = huge;
        this.mlocking = mlocking;
        clearsOnLastUnmap = mlocking.clearsOnLastUnmap();
        followsMappings = mlocking.followsMappings();
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
        boolean locked = isLocked(cpu, vma);
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
        Page.FLAGS.writeOnce(cpu, page, flags | (locked ? 0 : Page.PG_ACTIVE));
    }

    private void addedNewAnon(Cpu cpu, long page, long vma, boolean locked) {
        cpu.tell(Event.ANON_MAPPED, page, vma);
        vmStat.add(cpu, VmStatItem.NR_ANON_PAGES, framesOf(cpu, page));
        if (locked) {
            mlocking.mapNew(cpu, page);
        } else {
            lru.add(cpu, page, false);
        }
    }

    private int framesOf(Cpu cpu, long page) {
        return huge ? Page.frames(Page.FLAGS.readOnce(cpu, page)) : 1;
    }

    /**
     * do_page_add_anon_rmap: one more mapping of an anonymous page that was in memory before; {@code exclusive} if the
     * caller's process is its only owner. Context: pte lock and page lock.
     */
    public void pageAddAnonRmap(
            Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address, boolean exclusive) {
        if (merges && MergedPages.isMerged(cpu, page)) {
            pageAddMergedRmap(cpu, page);
            return;
        }
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
            long root = rootOf(cpu, page);
            checkAnonRmap(
                    page,
                    root,
                    AnonVma.ROOT.readOnce(cpu, VmArea.ANON_VMA.readOnce(cpu, vma)),
                    Page.INDEX.get(cpu, page),
                    indexOf(cpu, vma, address));
        }
        cpu.tell(Event.ANON_MAPPED, page, vma);
    }

    /** The same of a KSM page, whose mapping says nothing of who maps it. Context: pte lock; a reference. */
    public void pageAddMergedRmap(Cpu cpu, @Ref(Page.class) long page) {
        if (cpu.fetchAdd32(Page.MAPCOUNT.of(page), 1, RmapBarriers.MAPCOUNT_RAISE) == -1) {
            vmStat.inc(cpu, VmStatItem.NR_ANON_PAGES);
        }
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

    /**
     * {@link #pageAddAnonRmap} where the VMA may change at any time, with what it said when it had not: {@code index}
     * is that of the page, {@code anonVma} its own. Source: [PATCH v12 17/31] Speculative page faults, where both are
     * read from the VMA. Context: pte lock and page lock.
     */
    public void pageAddAnonRmap(
            Cpu cpu,
            @Ref(Page.class) long page,
            @Ref(VmArea.class) long vma,
            long index,
            @Ref(AnonVma.class) long anonVma,
            boolean exclusive) {
        if (cpu.fetchAdd32(Page.MAPCOUNT.of(page), 1, RmapBarriers.MAPCOUNT_RAISE) == -1) {
            vmStat.inc(cpu, VmStatItem.NR_ANON_PAGES);
            if (!Page.isAnon(cpu, page)) {
                long mapping = exclusive ? anonVma : shared.of(cpu, anonVma);
                Page.INDEX.writeOnce(cpu, page, index);
                Page.MAPPING.writeOnce(cpu, page, mapping | Page.MAPPING_ANON);
            }
        } else {
            long root = rootOf(cpu, page);
            checkAnonRmap(page, root, AnonVma.ROOT.readOnce(cpu, anonVma), Page.INDEX.get(cpu, page), index);
        }
        cpu.tell(Event.ANON_MAPPED, page, vma);
    }

    private static long rootOf(Cpu cpu, long page) {
        return AnonVma.ROOT.readOnce(cpu, Page.MAPPING.readOnce(cpu, page) - Page.MAPPING_ANON);
    }

    /** __page_check_anon_rmap: a page already mapped belongs to the same tree and has the same number in it. */
    private static void checkAnonRmap(long page, long root, long vmasRoot, long index, long vmasIndex) {
        if (root != vmasRoot) {
            throw new KernelBug(
                    FailureKind.RMAP_I3,
                    "BUG: page 0x" + Long.toHexString(page) + " is mapped by a VMA of another anon_vma tree");
        }
        if (index != vmasIndex) {
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

    /** mlock_vma_page of 5.18: {@code vma} maps the page now, whose mapping has just been added. Context: pte lock. */
    public void mlockIfLocked(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma) {
        mlockIfLocked(cpu, page, followsMappings && isLocked(cpu, vma));
    }

    /** The same for a VMA that is {@code locked}. */
    public void mlockIfLocked(Cpu cpu, @Ref(Page.class) long page, boolean locked) {
        if (followsMappings && locked) {
            mlocking.mapped(cpu, page);
        }
    }

    /** munlock_vma_page of 5.18: {@code vma} maps the page no more. Context: pte lock; a reference. */
    public void munlockIfLocked(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma) {
        munlockIfLocked(cpu, page, followsMappings && isLocked(cpu, vma));
    }

    /** The same for a VMA that is {@code locked}. */
    public void munlockIfLocked(Cpu cpu, @Ref(Page.class) long page, boolean locked) {
        if (followsMappings && locked) {
            mlocking.unmapped(cpu, page);
        }
    }

    /**
     * {@link #munlockIfLocked} where the VMA may change meanwhile: a migration entry takes the place of the pte.
     * Context: pte lock; a reference.
     */
    public void munlockMigrating(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma) {
        if (followsMappings && (VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) != 0) {
            mlocking.unmapped(cpu, page);
        }
    }

    /** See {@link Mlocking#movesFlag}. */
    public boolean movesMlocked() {
        return mlocking.movesFlag();
    }

    /** A page that takes the place of one that has moved is mlocked as that was. Context: pte lock, page lock. */
    public void mlockMigrated(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma) {
        if ((VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) != 0) {
            mlocking.migrated(cpu, page);
        }
    }

    /**
     * What do_wp_page does for a locked {@code vma} before it maps a copy of {@code old}: nobody with an unlocked VMA
     * may keep the mlocked page. Context: a reference, no spinlock; may sleep.
     */
    public void beforeCopy(Cpu cpu, @Ref(Page.class) long old, @Ref(VmArea.class) long vma) {
        beforeCopy(cpu, old, isLocked(cpu, vma));
    }

    /** The same for a VMA that is {@code locked}. */
    public void beforeCopy(Cpu cpu, @Ref(Page.class) long old, boolean locked) {
        if (locked) {
            mlocking.copying(cpu, old);
        }
    }

    private static boolean isLocked(Cpu cpu, long vma) {
        return (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0;
    }

    /** page_dup_rmap: fork copies a pte, so the page is mapped already. Context: both pte locks. */
    public void pageDupRmap(Cpu cpu, @Ref(Page.class) long page) {
        cpu.fetchAdd32(Page.MAPCOUNT.of(page), 1, Order.RELAXED);
    }

    /** page_remove_rmap: one mapping less; leaves mapping set. Context: pte lock. */
    public void pageRemoveRmap(Cpu cpu, @Ref(Page.class) long page) {
        int old = cpu.fetchAdd32(Page.MAPCOUNT.of(page), -1, RmapBarriers.MAPCOUNT_DROP);
        if (old == 0) {
            VmStatItem item = Page.isAnon(cpu, page) ? VmStatItem.NR_ANON_PAGES : VmStatItem.NR_MAPPED;
            vmStat.add(cpu, item, -framesOf(cpu, page));
            if (clearsOnLastUnmap) {
                mlocking.lastUnmapped(cpu, page);
            }
        } else if (old < 0) {
            throw new KernelBug(
                    FailureKind.BAD_PAGE_STATE,
                    "BUG: Bad page map: page 0x" + Long.toHexString(page) + " unmapped once too often, _mapcount "
                            + (old - 1));
        }
    }

    /**
     * The same where the page moves to another VMA, perhaps of another tree: it gets the number that this one gives it.
     * Context: page lock; the lock of the tree it leaves, unless it is not mapped. Source: Linux 6.8 mm/userfaultfd.c,
     * move_present_pte().
     */
    public void pageMoveToVma(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address) {
        Page.INDEX.writeOnce(cpu, page, indexOf(cpu, vma, address));
        Page.MAPPING.writeOnce(cpu, page, VmArea.ANON_VMA.readOnce(cpu, vma) | Page.MAPPING_ANON);
        cpu.tell(Event.ANON_MAPPED, page, vma);
    }

    /**
     * page_move_anon_rmap: the sole owner reuses the page, so it may point to the owner's own anon_vma, which is of the
     * same tree. Context: page lock.
     */
    public void pageMoveAnonRmap(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address) {
        checkReused(page, Page.INDEX.get(cpu, page), indexOf(cpu, vma, address));
        Page.MAPPING.writeOnce(cpu, page, VmArea.ANON_VMA.readOnce(cpu, vma) | Page.MAPPING_ANON);
        cpu.tell(Event.ANON_MAPPED, page, vma);
    }

    /** The same where the VMA may change at any time, with what it said when it had not. Context: page lock. */
    public void pageMoveAnonRmap(
            Cpu cpu,
            @Ref(Page.class) long page,
            @Ref(VmArea.class) long vma,
            long index,
            @Ref(AnonVma.class) long anonVma) {
        checkReused(page, Page.INDEX.get(cpu, page), index);
        Page.MAPPING.writeOnce(cpu, page, anonVma | Page.MAPPING_ANON);
        cpu.tell(Event.ANON_MAPPED, page, vma);
    }

    private static void checkReused(long page, long index, long vmasIndex) {
        if (index != vmasIndex) {
            throw new KernelBug(
                    FailureKind.RMAP_USAGE, "BUG: page 0x" + Long.toHexString(page) + " is reused at the wrong offset");
        }
    }
}
