package kemu.mm.ksm;

import java.util.HashMap;
import java.util.Map;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Gfp;
import kemu.mm.types.MmStruct;
import kemu.rcu.list.ListHead;

/** The rmap_items of the slot that the scan stands at. Context: ksm_thread_mutex. Source: Linux 2.6.36 mm/ksm.c. */
final class RmapItems {
    private final KsmMemory memory;
    private final StableTree stable;
    private final UnstableTree unstable;

    /** Boot only. */
    RmapItems(KsmMemory memory, StableTree stable, UnstableTree unstable) {
        this.memory = memory;
        this.stable = stable;
        this.unstable = unstable;
    }

    /**
     * get_next_rmap_item: the item of {@code address}, made if there is none; items below it are freed, as nothing is
     * left there to merge. NULL if memory is out.
     */
    @Ref(RmapItem.class)
    long at(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long word = KsmScan.RMAP_LIST.get(cpu, memory.scan());
        long item = cpu.read64(word);
        // Ends: every round frees an item.
        while (item != Cpu.NULL && RmapItem.address(cpu, item) < address) {
            free(cpu, word, item);
            item = cpu.read64(word);
        }
        if (item == Cpu.NULL || RmapItem.address(cpu, item) != address) {
            long fresh = memory.items().alloc(cpu, Gfp.KERNEL);
            if (fresh == Cpu.NULL) {
                return Cpu.NULL;
            }
            RmapItem.RMAP_LIST.set(cpu, fresh, item);
            RmapItem.ANON_VMA.set(cpu, fresh, Cpu.NULL);
            RmapItem.OLDCHECKSUM.set(cpu, fresh, 0);
            RmapItem.MM.set(cpu, fresh, mm);
            RmapItem.ADDRESS.set(cpu, fresh, address);
            cpu.write64(word, fresh);
            item = fresh;
        }
        KsmScan.RMAP_LIST.set(cpu, memory.scan(), RmapItem.RMAP_LIST.of(item));
        return item;
    }

    /** remove_trailing_rmap_items: frees all from where the scan stands. Context: no lock. */
    void removeTrailing(Cpu cpu) {
        long word = KsmScan.RMAP_LIST.get(cpu, memory.scan());
        // Ends: every round frees an item.
        for (long item = cpu.read64(word); item != Cpu.NULL; item = cpu.read64(word)) {
            free(cpu, word, item);
        }
    }

    private void free(Cpu cpu, long word, long item) {
        removeFromTree(cpu, item);
        cpu.write64(word, RmapItem.RMAP_LIST.get(cpu, item));
        memory.items().free(cpu, item);
    }

    /** remove_rmap_item_from_tree. */
    void removeFromTree(Cpu cpu, @Ref(RmapItem.class) long item) {
        long address = RmapItem.ADDRESS.get(cpu, item);
        if ((address & RmapItem.STABLE_FLAG) != 0) {
            stable.remove(cpu, item);
        } else if ((address & RmapItem.UNSTABLE_FLAG) != 0) {
            unstable.remove(cpu, item);
        }
    }

    /** References that items hold on anon_vmas. An instrument. Context: machine at rest. */
    Map<Long, Integer> pins(Cpu cpu) {
        Map<Long, Integer> pins = new HashMap<>();
        long head = MmSlot.MM_LIST.of(memory.head());
        for (long at = ListHead.next(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            long item = MmSlot.RMAP_LIST.get(cpu, MmSlot.MM_LIST.containerOf(at));
            for (; item != Cpu.NULL; item = RmapItem.RMAP_LIST.get(cpu, item)) {
                if (memory.holds() && RmapItem.isStable(cpu, item)) {
                    pins.merge(RmapItem.ANON_VMA.get(cpu, item), 1, Integer::sum);
                }
            }
        }
        return pins;
    }
}
