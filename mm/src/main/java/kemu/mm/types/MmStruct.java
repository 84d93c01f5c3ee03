package kemu.mm.types;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.RwSem;

/** {@code struct mm_struct}: one address space. Source: Linux 2.6.36 include/linux/mm_types.h. */
public final class MmStruct {
    /** In {@link #FLAGS}: KSM knows the address space. */
    public static final long MMF_VM_MERGEABLE = 1L << 16;

    /** In {@link #FLAGS}: khugepaged knows the address space. */
    public static final long MMF_VM_HUGEPAGE = 1L << 17;

    private static final StructLayout.Builder S = StructLayout.struct("mm_struct");
    /** First VMA by address. mmap_sem. */
    public static final RefField MMAP = S.ref("mmap", VmArea.class);
    /** Root of the VMA tree (address of the top rb_node, 0 if empty). mmap_sem. */
    public static final RefField MM_RB = S.ref("mm_rb", Object.class);
    /** Last VMA found; a hint, read and written once under mmap_sem (R). */
    public static final RefField MMAP_CACHE = S.ref("mmap_cache", VmArea.class);
    /** Frame of the top page table. Constant. */
    public static final I64Field PGD = S.i64("pgd");
    /** Tasks that use it as theirs; at 0 the mappings go. Atomics. */
    public static final I32Field MM_USERS = S.i32("mm_users");
    /** References to the structure; all users together count as one. Atomics. */
    public static final I32Field MM_COUNT = S.i32("mm_count");
    /** VMAs. mmap_sem (W). */
    public static final I32Field MAP_COUNT = S.i32("map_count");
    /** Process id of the first owner; for reports. */
    public static final I32Field OWNER = S.i32("owner");
    /** Guards the VMAs: (W) to change them, (R) to fault. Outermost lock of mm. */
    public static final Embedded MMAP_SEM = S.cacheLine().embed("mmap_sem", RwSem.LAYOUT);
    /** Guards upper page-table levels, and anon_vma_chain with mmap_sem (R). Innermost but lru_lock. */
    public static final Embedded PAGE_TABLE_LOCK = S.embed("page_table_lock", SpinLock.LAYOUT);
    /** Heap start. mmap_sem. */
    public static final I64Field START_BRK = S.i64("start_brk");
    /** Heap end. mmap_sem. */
    public static final I64Field BRK = S.i64("brk");
    /** get_unmapped_area looks below this address. Constant after mm_alloc. */
    public static final I64Field MMAP_BASE = S.i64("mmap_base");
    /** Where get_unmapped_area found room last; it goes on below. mmap_sem (W). */
    public static final I64Field FREE_AREA_CACHE = S.i64("free_area_cache");
    /** Largest hole known above {@link #FREE_AREA_CACHE}, in bytes. mmap_sem (W). */
    public static final I64Field CACHED_HOLE_SIZE = S.i64("cached_hole_size");
    /** Resident file pages. Atomics. */
    public static final I64Field FILE_RSS = S.cacheLine().i64("file_rss");
    /** Resident anonymous pages. Atomics. */
    public static final I64Field ANON_RSS = S.i64("anon_rss");
    /** Swap entries in ptes. Atomics. */
    public static final I64Field SWAPENTS = S.i64("swapents");
    /** Page-table pages below the top one. Atomics. */
    public static final I64Field NR_PTES = S.i64("nr_ptes");
    /** Pages of locked VMAs. mmap_sem (W), or the anon_vma lock of a stack that grows. */
    public static final I64Field LOCKED_VM = S.i64("locked_vm");
    /** Flags of every new VMA: VM_LOCKED after mlockall(MCL_FUTURE). mmap_sem. */
    public static final I64Field DEF_FLAGS = S.i64("def_flags");
    /**
     * RLIMIT_MEMLOCK in pages, plus one; 0 for a process that may lock all it wants. Constant while tasks use the mm.
     */
    public static final I64Field MEMLOCK_LIMIT = S.i64("memlock_limit");
    /** MMF_ bits. Atomics. */
    public static final I64Field FLAGS = S.i64("flags");
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private MmStruct() {}
}
