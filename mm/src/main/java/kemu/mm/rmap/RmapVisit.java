package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.AddressSpace;
import kemu.mm.page.Page;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * rmap_walk: visits every VMA that may map a page, in the order of the index. It is for walks that must find every pte,
 * so nothing ends it early but who is visiting. Source: Linux 2.6.36 mm/rmap.c, rmap_walk().
 */
public final class RmapVisit {
    private final AnonVmaLocking locking;
    private final AnonVmaIndex index;

    /** Boot only. */
    public RmapVisit(AnonVmaLocking locking, AnonVmaIndex index) {
        this.locking = locking;
        this.index = index;
    }

    /**
     * Visits the VMAs of a page that is mapped; of an anonymous one that is not mapped any more, none. Context: page
     * lock and a reference; may sleep with some strategies.
     */
    public void mapped(Cpu cpu, @Ref(Page.class) long page, RmapOne one, long argument) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if ((mapping & Page.MAPPING_ANON) == 0) {
            file(cpu, page, mapping, one, argument);
            return;
        }
        long anonVma = locking.pageLockAnonVma(cpu, page);
        if (anonVma != Cpu.NULL) {
            each(cpu, page, anonVma, one, argument);
            locking.pageUnlockAnonVma(cpu, anonVma);
        }
    }

    /**
     * Visits the VMAs of a page whether it is mapped or not: of an anonymous one by the anon_vma that it names, so the
     * caller must hold on to that. Context: page lock; may sleep with some strategies.
     */
    public void pinned(Cpu cpu, @Ref(Page.class) long page, RmapOne one, long argument) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if ((mapping & Page.MAPPING_ANON) == 0) {
            file(cpu, page, mapping, one, argument);
            return;
        }
        long anonVma = mapping - Page.MAPPING_ANON;
        locking.lock(cpu, anonVma);
        each(cpu, page, anonVma, one, argument);
        locking.unlock(cpu, anonVma);
    }

    private void each(Cpu cpu, long page, long anonVma, RmapOne one, long argument) {
        boolean more = true;
        long at = index.first(cpu, anonVma, page);
        for (; more && at != Cpu.NULL; at = index.next(cpu, anonVma, at, page)) {
            more = one.visit(cpu, page, AnonVmaChain.VMA.get(cpu, at), argument);
        }
    }

    private static void file(Cpu cpu, long page, @Ref(AddressSpace.class) long mapping, RmapOne one, long argument) {
        if (mapping == Cpu.NULL) {
            return;
        }
        SpinLock.lock(cpu, AddressSpace.I_MMAP_LOCK.of(mapping));
        long head = AddressSpace.I_MMAP.of(mapping);
        boolean more = true;
        for (long at = ListHead.first(cpu, head); more && at != head; at = ListHead.next(cpu, at)) {
            more = one.visit(cpu, page, VmArea.SHARED.containerOf(at), argument);
        }
        SpinLock.unlock(cpu, AddressSpace.I_MMAP_LOCK.of(mapping));
    }
}
