package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.page.VmStatItem;
import kemu.mm.rmap.MergedPages;
import kemu.rcu.list.HList;
import kemu.rcu.list.RbTree;

/**
 * The stable tree: KSM pages ordered by contents, which cannot change. A page may be freed at any time; a node whose
 * page is gone is removed by who comes across it. Context: ksm_thread_mutex. Source: Linux 2.6.36 mm/ksm.c.
 */
final class StableTree {
    private static final long TAGS = Page.MAPPING_ANON | Page.MAPPING_KSM;

    private final KsmMemory memory;
    private final PageAllocator pages;
    private final PageLock pageLock;

    /** Boot only. */
    StableTree(KsmMemory memory, PageAllocator pages, PageLock pageLock) {
        this.memory = memory;
        this.pages = pages;
        this.pageLock = pageLock;
    }

    /** page_stable_node: the node of a KSM page, NULL if it has none or the page is another one. */
    static @Ref(StableNode.class) long nodeOf(Cpu cpu, @Ref(Page.class) long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        return MergedPages.isMerged(mapping) ? mapping - TAGS : Cpu.NULL;
    }

    /** set_page_stable_node: makes the page a KSM page, of {@code node} if that is not NULL. Context: page lock. */
    static void setNode(Cpu cpu, @Ref(Page.class) long page, @Ref(StableNode.class) long node) {
        Page.MAPPING.writeOnce(cpu, page, node + TAGS);
    }

    /** get_ksm_page: the page of {@code node} with a reference; NULL if it is gone, and then the node is. */
    @Ref(Page.class)
    long getPage(Cpu cpu, @Ref(StableNode.class) long node) {
        long page = StableNode.KPFN.get(cpu, node);
        if (Page.MAPPING.readOnce(cpu, page) == node + TAGS && Page.getUnlessZero(cpu, page)) {
            // With a reference: it may have been freed, and be another page by now.
            if (Page.MAPPING.readOnce(cpu, page) == node + TAGS) {
                return page;
            }
            pages.putPage(cpu, page);
        }
        removeNode(cpu, node);
        return Cpu.NULL;
    }

    /** remove_node_from_stable_tree: the page is gone, so nobody walks the list. */
    private void removeNode(Cpu cpu, long node) {
        long head = StableNode.HLIST.of(node);
        // Ends: every round takes an item off the list.
        for (long at = HList.first(cpu, head); at != Cpu.NULL; at = HList.first(cpu, head)) {
            long item = RmapItem.HLIST.containerOf(at);
            HList.delInit(cpu, at);
            leave(cpu, item, HList.first(cpu, head) == Cpu.NULL);
        }
        RbTree.erase(cpu, StableNode.NODE.of(node), memory.stableTree());
        memory.nodes().free(cpu, node);
    }

    private void leave(Cpu cpu, long item, boolean last) {
        memory.count(cpu, last ? VmStatItem.KSM_PAGES_SHARED : VmStatItem.KSM_PAGES_SHARING, -1);
        memory.dropAnonVma(cpu, item);
        RmapItem.ADDRESS.set(cpu, item, RmapItem.address(cpu, item));
    }

    /** The stable part of remove_rmap_item_from_tree. Context: no lock. */
    void remove(Cpu cpu, @Ref(RmapItem.class) long item) {
        long node = RmapItem.HEAD.get(cpu, item);
        long page = getPage(cpu, node);
        if (page == Cpu.NULL) {
            return;
        }
        pageLock.lock(cpu, page);
        HList.delInit(cpu, RmapItem.HLIST.of(item));
        boolean last = HList.first(cpu, StableNode.HLIST.of(node)) == Cpu.NULL;
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
        leave(cpu, item, last);
    }

    /**
     * stable_tree_search: a KSM page with the contents of {@code page} now, with a reference; NULL if there is none.
     */
    @Ref(Page.class)
    long search(Cpu cpu, @Ref(Page.class) long page) {
        if (nodeOf(cpu, page) != Cpu.NULL) {
            Page.get(cpu, page);
            return page;
        }
        long at = RbTree.NODE.get(cpu, memory.stableTree());
        // Ends: every round goes one level down.
        while (at != Cpu.NULL) {
            long found = getPage(cpu, StableNode.NODE.containerOf(at));
            if (found == Cpu.NULL) {
                return Cpu.NULL;
            }
            int order = cpu.compareFrames(pages.frameOf(page), pages.frameOf(found));
            if (order == 0) {
                return found;
            }
            pages.putPage(cpu, found);
            at = order < 0 ? RbTree.left(cpu, at) : RbTree.right(cpu, at);
        }
        return Cpu.NULL;
    }

    /**
     * stable_tree_insert: gives {@code page}, a KSM page without a node, its place; the node, or NULL if an equal page
     * has it, a page on the way is gone, or memory is out. Context: page lock.
     */
    @Ref(StableNode.class)
    long insert(Cpu cpu, @Ref(Page.class) long page) {
        long link = RbTree.NODE.of(memory.stableTree());
        long parent = Cpu.NULL;
        long at = cpu.read64(link);
        // Ends: every round goes one level down.
        while (at != Cpu.NULL) {
            long other = getPage(cpu, StableNode.NODE.containerOf(at));
            if (other == Cpu.NULL) {
                return Cpu.NULL;
            }
            int order = cpu.compareFrames(pages.frameOf(page), pages.frameOf(other));
            pages.putPage(cpu, other);
            if (order == 0) {
                // Not found before: then the page could still change.
                return Cpu.NULL;
            }
            parent = at;
            link = order < 0 ? RbTree.Node.LEFT.of(at) : RbTree.Node.RIGHT.of(at);
            at = cpu.read64(link);
        }
        long node = memory.nodes().alloc(cpu, Gfp.KERNEL);
        if (node == Cpu.NULL) {
            return Cpu.NULL;
        }
        StableNode.KPFN.set(cpu, node, page);
        HList.initHead(cpu, StableNode.HLIST.of(node));
        RbTree.linkNode(cpu, StableNode.NODE.of(node), parent, link);
        RbTree.insertColor(cpu, StableNode.NODE.of(node), memory.stableTree());
        setNode(cpu, page, node);
        return node;
    }

    /** stable_tree_append: one more address shares the page of {@code node}. Context: page lock. */
    void append(Cpu cpu, @Ref(RmapItem.class) long item, @Ref(StableNode.class) long node) {
        RmapItem.HEAD.set(cpu, item, node);
        RmapItem.ADDRESS.set(cpu, item, RmapItem.address(cpu, item) | RmapItem.STABLE_FLAG);
        HList.addHead(cpu, RmapItem.HLIST.of(item), StableNode.HLIST.of(node));
        boolean first = HList.next(cpu, RmapItem.HLIST.of(item)) == Cpu.NULL;
        memory.count(cpu, first ? VmStatItem.KSM_PAGES_SHARED : VmStatItem.KSM_PAGES_SHARING, 1);
    }

    /** Removes every node whose page is gone. Linux leaves them until a search comes across them. */
    void prune(Cpu cpu) {
        long at = RbTree.first(cpu, memory.stableTree());
        // Ends: every round goes on to the next node of those there are.
        while (at != Cpu.NULL) {
            long next = RbTree.next(cpu, at);
            long page = getPage(cpu, StableNode.NODE.containerOf(at));
            if (page != Cpu.NULL) {
                pages.putPage(cpu, page);
            }
            at = next;
        }
    }
}
