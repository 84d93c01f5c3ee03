package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Inode;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * i_mmap, the list of VMAs that map a file, and what an unmapping of the file that has let go of i_mmap_lock must be
 * told of changes to it ({@link UnmapMapping}).
 *
 * <p>New VMAs go to the end. So a walk meets a parent's VMA before its child's, and what fork copies behind the walk's
 * back from one to the other is not missed: pages that the walk has taken from the parent are not copied, those copied
 * before are still to come. Context: i_mmap_lock. Source: Linux 2.6.36 mm/prio_tree.c, vma_prio_tree_add(), in a tree
 * by range; the order is its too.
 */
final class FileLinks {
    private FileLinks() {}

    /** __vma_link_file. */
    static void add(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AddressSpace.class) long file) {
        ListHead.addTail(cpu, VmArea.SHARED.of(vma), AddressSpace.I_MMAP.of(file));
    }

    /** __remove_shared_vm_struct: an unmapping that was to go on here goes on behind it. */
    static void remove(Cpu cpu, @Ref(VmArea.class) long vma, @Ref(AddressSpace.class) long file) {
        long node = VmArea.SHARED.of(vma);
        long host = AddressSpace.HOST.get(cpu, file);
        if (host != Cpu.NULL && Inode.UNMAP_AT.get(cpu, host) == node) {
            Inode.UNMAP_AT.set(cpu, host, ListHead.next(cpu, node));
            Inode.UNMAP_INDEX.set(cpu, host, 0);
        }
        ListHead.del(cpu, node);
    }

    /** Pages pass from one VMA to another, which an unmapping under way may have behind it already: it begins anew. */
    static void passed(Cpu cpu, @Ref(AddressSpace.class) long file) {
        long host = AddressSpace.HOST.get(cpu, file);
        if (host != Cpu.NULL && Inode.UNMAP_AT.get(cpu, host) != Cpu.NULL) {
            Inode.UNMAP_AT.set(cpu, host, ListHead.first(cpu, AddressSpace.I_MMAP.of(file)));
            Inode.UNMAP_INDEX.set(cpu, host, 0);
        }
    }
}
