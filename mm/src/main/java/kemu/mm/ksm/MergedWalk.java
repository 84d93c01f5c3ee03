package kemu.mm.ksm;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.MergedPages;
import kemu.mm.rmap.RmapVisitor;
import kemu.mm.types.VmArea;
import kemu.rcu.list.HList;

/**
 * The walk from a KSM page: the VMAs of its rmap_items' address spaces first, then those of their children, which fork
 * gave the page without telling ksmd. Source: Linux 2.6.36 mm/ksm.c, page_referenced_ksm(), try_to_unmap_ksm().
 */
public final class MergedWalk implements MergedPages {
    private final AnonVmaLocking locking;
    private final AnonVmaIndex index;

    /** Locks anon_vmas as {@code locking} does. Boot only. */
    public MergedWalk(AnonVmaLocking locking, AnonVmaIndex index) {
        this.locking = locking;
        this.index = index;
    }

    @Override
    public long walk(Cpu cpu, @Ref(Page.class) long page, RmapVisitor visitor) {
        long node = StableTree.nodeOf(cpu, page);
        if (node == Cpu.NULL) {
            return 0;
        }
        long result = 0;
        for (int forks = 0; forks < 2 && (result & RmapVisitor.STOP) == 0; forks++) {
            long at = HList.first(cpu, StableNode.HLIST.of(node));
            while (at != Cpu.NULL && (result & RmapVisitor.STOP) == 0) {
                result = walkItem(cpu, page, RmapItem.HLIST.containerOf(at), forks == 1, visitor, result);
                at = HList.next(cpu, at);
            }
        }
        return result;
    }

    private long walkItem(Cpu cpu, long page, long item, boolean forks, RmapVisitor visitor, long soFar) {
        long address = RmapItem.address(cpu, item);
        long mm = RmapItem.MM.get(cpu, item);
        long anonVma = RmapItem.ANON_VMA.get(cpu, item);
        long result = soFar;
        locking.lock(cpu, anonVma);
        // By address, not by number: a KSM page has none of its own.
        for (long at = index.firstOfAll(cpu, anonVma); at != Cpu.NULL; at = index.nextOfAll(cpu, anonVma, at)) {
            long vma = AnonVmaChain.VMA.get(cpu, at);
            boolean covers =
                    address >= VmArea.VM_START.readOnce(cpu, vma) && address < VmArea.VM_END.readOnce(cpu, vma);
            if (covers && (VmArea.VM_MM.get(cpu, vma) == mm) != forks) {
                result = visitor.visit(cpu, page, vma, address, result);
                // Of one address space there is one VMA at the address.
                if (!forks || (result & RmapVisitor.STOP) != 0) {
                    break;
                }
            }
        }
        locking.unlock(cpu, anonVma);
        return result;
    }
}
