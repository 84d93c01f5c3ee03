package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.PhysMem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * get_unmapped_area: where a mapping without a fixed address goes, top-down from mmap_base.
 *
 * <p>Context: mmap_sem (W). Source: Linux 2.6.36 arch/x86/kernel/sys_x86_64.c, arch_get_unmapped_area_topdown().
 */
final class UnmappedArea {
    /** mmap_base of a new mm: room for a stack of 128 MiB above it. */
    static final long DEFAULT_BASE = PageTable.TASK_SIZE - (128L << 20);
    /** Nothing is mapped below this address unless asked for. */
    static final long MIN_ADDRESS = 64 << 10;

    private static final long BOTTOM_UP_BASE = (PageTable.TASK_SIZE / 3) & -PhysMem.PAGE_SIZE;

    private UnmappedArea() {}

    /** Initialises the search of a new mm. */
    static void init(Cpu cpu, @Ref(MmStruct.class) long mm) {
        MmStruct.MMAP_BASE.set(cpu, mm, DEFAULT_BASE);
        MmStruct.FREE_AREA_CACHE.set(cpu, mm, DEFAULT_BASE);
        MmStruct.CACHED_HOLE_SIZE.set(cpu, mm, 0);
    }

    /** A free range of {@code length} bytes, at {@code hint} if that is free; or -ENOMEM. */
    static long find(Cpu cpu, @Ref(MmStruct.class) long mm, long hint, long length) {
        if (length > PageTable.TASK_SIZE - MIN_ADDRESS) {
            return Errno.ENOMEM;
        }
        if (hint >= MIN_ADDRESS && hint <= PageTable.TASK_SIZE - length && freeAt(cpu, mm, hint, length)) {
            return hint;
        }
        long found = topDown(cpu, mm, length);
        return found != Errno.ENOMEM ? found : bottomUp(cpu, mm, length);
    }

    private static boolean freeAt(Cpu cpu, long mm, long address, long length) {
        return VmaTree.findIntersection(cpu, mm, address, address + length) == Cpu.NULL;
    }

    private static long topDown(Cpu cpu, long mm, long length) {
        long hole = MmStruct.CACHED_HOLE_SIZE.get(cpu, mm);
        long base = MmStruct.MMAP_BASE.get(cpu, mm);
        if (length > hole) {
            long below = MmStruct.FREE_AREA_CACHE.get(cpu, mm) - length;
            if (below >= MIN_ADDRESS && freeAt(cpu, mm, below, length)) {
                MmStruct.FREE_AREA_CACHE.set(cpu, mm, below);
                return below;
            }
        } else {
            hole = 0;
        }
        long at = base - length;
        // Ends: every round goes below one more VMA.
        while (at >= MIN_ADDRESS) {
            long vma = VmaTree.find(cpu, mm, at);
            if (vma == Cpu.NULL || at + length <= VmArea.VM_START.get(cpu, vma)) {
                MmStruct.CACHED_HOLE_SIZE.set(cpu, mm, hole);
                MmStruct.FREE_AREA_CACHE.set(cpu, mm, at);
                return at;
            }
            long prev = VmArea.VM_PREV.get(cpu, vma);
            long gap = VmArea.VM_START.get(cpu, vma) - (prev == Cpu.NULL ? 0 : VmArea.VM_END.get(cpu, prev));
            hole = gap < length ? Math.max(hole, gap) : hole;
            at = VmArea.VM_START.get(cpu, vma) - length;
        }
        return Errno.ENOMEM;
    }

    /** The fallback: the lowest hole above a third of user space, above mmap_base too. */
    private static long bottomUp(Cpu cpu, long mm, long length) {
        MmStruct.CACHED_HOLE_SIZE.set(cpu, mm, Long.MAX_VALUE);
        long at = BOTTOM_UP_BASE;
        // Ends: every round goes above one more VMA.
        while (at <= PageTable.TASK_SIZE - length) {
            long vma = VmaTree.findIntersection(cpu, mm, at, at + length);
            if (vma == Cpu.NULL) {
                return at;
            }
            at = VmArea.VM_END.get(cpu, vma);
        }
        return Errno.ENOMEM;
    }

    /** arch_unmap_area_topdown: a range that ends at {@code end} became free. */
    static void unmapped(Cpu cpu, @Ref(MmStruct.class) long mm, long end) {
        if (end > MmStruct.FREE_AREA_CACHE.get(cpu, mm)) {
            MmStruct.FREE_AREA_CACHE.set(cpu, mm, Math.min(end, MmStruct.MMAP_BASE.get(cpu, mm)));
        }
    }
}
