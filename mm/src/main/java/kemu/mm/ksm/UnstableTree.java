package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStatItem;
import kemu.rcu.list.RbTree;

/**
 * The unstable tree: pages that have not changed for a round, ordered by what they held when they were put in. They may
 * have changed since, so a search may miss an equal page; in every round the tree is made anew. Context:
 * ksm_thread_mutex. Source: Linux 2.6.36 mm/ksm.c.
 */
final class UnstableTree {
    private final KsmMemory memory;
    private final PageAllocator pages;
    private final ScannedPage scanned;

    /** Boot only. */
    UnstableTree(KsmMemory memory, PageAllocator pages, ScannedPage scanned) {
        this.memory = memory;
        this.pages = pages;
        this.scanned = scanned;
    }

    /** A new round begins: nothing is in the tree. */
    void clear(Cpu cpu) {
        RbTree.init(cpu, memory.unstableTree());
    }

    /**
     * unstable_tree_search_insert: the item of a page with the contents of {@code page}, or NULL; then {@code item} is
     * in the tree, unless a page on the way is gone. The item that is returned must be looked at again.
     */
    @Ref(RmapItem.class)
    long searchInsert(Cpu cpu, @Ref(RmapItem.class) long item, @Ref(Page.class) long page) {
        long link = RbTree.NODE.of(memory.unstableTree());
        long parent = Cpu.NULL;
        long at = cpu.read64(link);
        // Ends: every round goes one level down.
        while (at != Cpu.NULL) {
            long other = RmapItem.NODE.containerOf(at);
            long found = scanned.get(cpu, other);
            if (found == Cpu.NULL) {
                return Cpu.NULL;
            }
            // A page that two processes share since a fork is no use to itself.
            boolean same = found == page;
            int order = same ? 0 : cpu.compareFrames(pages.frameOf(page), pages.frameOf(found));
            pages.putPage(cpu, found);
            if (same) {
                return Cpu.NULL;
            }
            if (order == 0) {
                return other;
            }
            parent = at;
            link = order < 0 ? RbTree.Node.LEFT.of(at) : RbTree.Node.RIGHT.of(at);
            at = cpu.read64(link);
        }
        long address = RmapItem.address(cpu, item);
        RmapItem.ADDRESS.set(cpu, item, address | RmapItem.UNSTABLE_FLAG | round(cpu));
        RbTree.linkNode(cpu, RmapItem.NODE.of(item), parent, link);
        RbTree.insertColor(cpu, RmapItem.NODE.of(item), memory.unstableTree());
        memory.count(cpu, VmStatItem.KSM_PAGES_UNSHARED, 1);
        return Cpu.NULL;
    }

    /** The unstable part of remove_rmap_item_from_tree: of the tree of the last round nothing is left. */
    void remove(Cpu cpu, @Ref(RmapItem.class) long item) {
        long address = RmapItem.ADDRESS.get(cpu, item);
        long age = round(cpu) - (address & RmapItem.SEQNR_MASK) & RmapItem.SEQNR_MASK;
        if (age > 1) {
            throw new KernelBug(FailureKind.CORRUPTION, "BUG: rmap_item of " + age + " rounds ago is still unstable");
        }
        if (age == 0) {
            RbTree.erase(cpu, RmapItem.NODE.of(item), memory.unstableTree());
        }
        memory.count(cpu, VmStatItem.KSM_PAGES_UNSHARED, -1);
        RmapItem.ADDRESS.set(cpu, item, RmapItem.address(cpu, item));
    }

    private long round(Cpu cpu) {
        return KsmScan.SEQNR.get(cpu, memory.scan()) & RmapItem.SEQNR_MASK;
    }
}
