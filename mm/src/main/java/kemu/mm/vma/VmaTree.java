package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.AddressSpace;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.RbTree;

/**
 * The VMAs of an mm: a red-black tree by address and a list in the same order.
 *
 * <p>Context: mmap_sem, (W) to change, or an mm that nobody else can reach. Source: Linux 2.6.36 mm/mmap.c.
 */
final class VmaTree {
    private VmaTree() {}

    /** find_vma: the first VMA that ends above {@code address}, or NULL. */
    static @Ref(VmArea.class) long find(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        // RACE: other readers store their own finds; any VMA of the mm is as good a hint as another.
        long cached = MmStruct.MMAP_CACHE.readOnce(cpu, mm);
        if (cached != Cpu.NULL
                && VmArea.VM_END.get(cpu, cached) > address
                && VmArea.VM_START.readOnce(cpu, cached) <= address) {
            return cached;
        }
        long found = search(cpu, mm, address);
        if (found != Cpu.NULL) {
            MmStruct.MMAP_CACHE.writeOnce(cpu, mm, found);
        }
        return found;
    }

    private static long search(Cpu cpu, long mm, long address) {
        long node = MmStruct.MM_RB.get(cpu, mm);
        long found = Cpu.NULL;
        // Ends: every round goes one level down.
        while (node != Cpu.NULL) {
            long vma = VmArea.VM_RB.containerOf(node);
            if (VmArea.VM_END.get(cpu, vma) > address) {
                found = vma;
                // RACE: another faulting thread may grow a stack downwards; either start is right.
                if (VmArea.VM_START.readOnce(cpu, vma) <= address) {
                    break;
                }
                node = RbTree.left(cpu, node);
            } else {
                node = RbTree.right(cpu, node);
            }
        }
        return found;
    }

    /** The last VMA that starts below {@code address}, or NULL. */
    static @Ref(VmArea.class) long findPrev(Cpu cpu, @Ref(MmStruct.class) long mm, long address) {
        long node = MmStruct.MM_RB.get(cpu, mm);
        long found = Cpu.NULL;
        // Ends: every round goes one level down.
        while (node != Cpu.NULL) {
            long vma = VmArea.VM_RB.containerOf(node);
            if (VmArea.VM_START.get(cpu, vma) < address) {
                found = vma;
                node = RbTree.right(cpu, node);
            } else {
                node = RbTree.left(cpu, node);
            }
        }
        return found;
    }

    /** find_vma_intersection: the first VMA that has a byte in [start, end), or NULL. */
    static @Ref(VmArea.class) long findIntersection(Cpu cpu, @Ref(MmStruct.class) long mm, long start, long end) {
        long vma = find(cpu, mm, start);
        return vma != Cpu.NULL && VmArea.VM_START.get(cpu, vma) < end ? vma : Cpu.NULL;
    }

    /** __insert_vm_struct: puts the VMA into list and tree; not into its file. */
    static void insert(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, VmaLookup lookup) {
        long start = VmArea.VM_START.get(cpu, vma);
        long end = VmArea.VM_END.get(cpu, vma);
        long root = MmStruct.MM_RB.of(mm);
        long node = MmStruct.MM_RB.get(cpu, mm);
        long link = root;
        long parent = Cpu.NULL;
        long prev = Cpu.NULL;
        // Ends: every round goes one level down.
        while (node != Cpu.NULL) {
            parent = node;
            long at = VmArea.VM_RB.containerOf(node);
            if (VmArea.VM_START.get(cpu, at) >= end) {
                link = RbTree.Node.LEFT.of(node);
            } else if (VmArea.VM_END.get(cpu, at) <= start) {
                prev = at;
                link = RbTree.Node.RIGHT.of(node);
            } else {
                throw new KernelBug(
                        FailureKind.CORRUPTION,
                        "BUG: overlapping vmas " + describe(cpu, at) + " and " + describe(cpu, vma));
            }
            node = cpu.read64(link);
        }
        linkList(cpu, mm, vma, prev);
        if (lookup.walksTree()) {
            RbTree.makeLeaf(cpu, VmArea.VM_RB.of(vma), parent);
            // Has the fence that makes the leaf whole for those who go down the tree.
            lookup.linking(cpu, mm, vma);
            RbTree.linkLeafRcu(cpu, VmArea.VM_RB.of(vma), link);
            RbTree.insertColor(cpu, VmArea.VM_RB.of(vma), RbTree.marked(root));
        } else {
            lookup.linking(cpu, mm, vma);
            RbTree.linkNode(cpu, VmArea.VM_RB.of(vma), parent, link);
            RbTree.insertColor(cpu, VmArea.VM_RB.of(vma), root);
        }
        lookup.linked(cpu, mm, vma);
        MmStruct.MAP_COUNT.set(cpu, mm, MmStruct.MAP_COUNT.get(cpu, mm) + 1);
    }

    private static void linkList(Cpu cpu, long mm, long vma, long prev) {
        long next = prev == Cpu.NULL ? MmStruct.MMAP.get(cpu, mm) : VmArea.VM_NEXT.get(cpu, prev);
        VmArea.VM_PREV.set(cpu, vma, prev);
        VmArea.VM_NEXT.set(cpu, vma, next);
        if (prev == Cpu.NULL) {
            MmStruct.MMAP.set(cpu, mm, vma);
        } else {
            VmArea.VM_NEXT.set(cpu, prev, vma);
        }
        if (next != Cpu.NULL) {
            VmArea.VM_PREV.set(cpu, next, vma);
        }
    }

    /** __vma_unlink: takes the VMA out of list and tree; its own links stay. */
    static void remove(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, VmaLookup lookup) {
        long prev = VmArea.VM_PREV.get(cpu, vma);
        long next = VmArea.VM_NEXT.get(cpu, vma);
        if (prev == Cpu.NULL) {
            MmStruct.MMAP.set(cpu, mm, next);
        } else {
            VmArea.VM_NEXT.set(cpu, prev, next);
        }
        if (next != Cpu.NULL) {
            VmArea.VM_PREV.set(cpu, next, prev);
        }
        long root = MmStruct.MM_RB.of(mm);
        lookup.unlinking(cpu, mm, vma);
        RbTree.erase(cpu, VmArea.VM_RB.of(vma), lookup.walksTree() ? RbTree.marked(root) : root);
        lookup.unlinked(cpu, mm, vma);
        MmStruct.MMAP_CACHE.writeOnce(cpu, mm, Cpu.NULL);
        MmStruct.MAP_COUNT.set(cpu, mm, MmStruct.MAP_COUNT.get(cpu, mm) - 1);
    }

    /** vma_link: puts the VMA into list, tree, and its file's i_mmap. */
    static void link(Cpu cpu, @Ref(MmStruct.class) long mm, @Ref(VmArea.class) long vma, VmaLookup lookup) {
        long file = VmArea.VM_FILE.get(cpu, vma);
        if (file == Cpu.NULL) {
            insert(cpu, mm, vma, lookup);
            return;
        }
        SpinLock.lock(cpu, AddressSpace.I_MMAP_LOCK.of(file));
        insert(cpu, mm, vma, lookup);
        FileLinks.add(cpu, vma, file);
        SpinLock.unlock(cpu, AddressSpace.I_MMAP_LOCK.of(file));
    }

    /** unlink_file_vma: after this no file rmap walk finds the VMA. */
    static void unlinkFile(Cpu cpu, @Ref(VmArea.class) long vma) {
        long file = VmArea.VM_FILE.get(cpu, vma);
        if (file != Cpu.NULL) {
            SpinLock.lock(cpu, AddressSpace.I_MMAP_LOCK.of(file));
            FileLinks.remove(cpu, vma, file);
            SpinLock.unlock(cpu, AddressSpace.I_MMAP_LOCK.of(file));
        }
    }

    /** Range, flags and offset, for reports. */
    static String describe(Cpu cpu, @Ref(VmArea.class) long vma) {
        return "vma 0x" + Long.toHexString(vma) + " [0x" + Long.toHexString(VmArea.VM_START.readOnce(cpu, vma)) + ", 0x"
                + Long.toHexString(VmArea.VM_END.readOnce(cpu, vma)) + ") flags 0x"
                + Long.toHexString(VmArea.VM_FLAGS.readOnce(cpu, vma)) + " pgoff 0x"
                + Long.toHexString(VmArea.VM_PGOFF.readOnce(cpu, vma)) + " file 0x"
                + Long.toHexString(VmArea.VM_FILE.readOnce(cpu, vma)) + " anon_vma 0x"
                + Long.toHexString(VmArea.ANON_VMA.readOnce(cpu, vma));
    }
}
