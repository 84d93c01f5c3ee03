package kemu.mm.types;

import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.file.AddressSpace;
import kemu.rcu.list.ListHead;
import kemu.rcu.list.RbTree;

/** {@code struct vm_area_struct}: one range of an address space. Source: Linux 2.6.36 include/linux/mm_types.h. */
public final class VmArea {
    /** Flag: readable. */
    public static final long VM_READ = 1;
    /** Flag: writable. */
    public static final long VM_WRITE = 2;
    /** Flag: executable. */
    public static final long VM_EXEC = 4;
    /** Flag: shared with other processes through its file. */
    public static final long VM_SHARED = 8;
    /** Flag: grows downwards (stack). */
    public static final long VM_GROWSDOWN = 0x100;
    /** Flag: pages must stay in memory. */
    public static final long VM_LOCKED = 0x2000;
    /** Flag: not copied on fork (vdso-like special mappings keep their pages). */
    public static final long VM_DONTCOPY = 0x20000;
    /** Flag: pages may be merged with equal ones (madvise). */
    public static final long VM_MERGEABLE = 0x8000_0000L;
    /** Flag: the stack of a starting exec, moved before use; merging and rmap users skip it. */
    public static final long VM_STACK_INCOMPLETE = 0x400000;

    private static final StructLayout.Builder S = StructLayout.struct("vm_area_struct");
    /** Owner; constant from link to free. */
    public static final RefField VM_MM = S.ref("vm_mm", MmStruct.class);
    /** First byte. Written under mmap_sem (W) and, if the start of an anon VMA moves, the root anon_vma lock. */
    public static final I64Field VM_START = S.i64("vm_start");
    /** First byte after. Written under mmap_sem (W). */
    public static final I64Field VM_END = S.i64("vm_end");
    /** Next by address. mmap_sem. */
    public static final RefField VM_NEXT = S.ref("vm_next", VmArea.class);
    /** Previous by address. mmap_sem. */
    public static final RefField VM_PREV = S.ref("vm_prev", VmArea.class);
    /** Node in mm_rb. mmap_sem. */
    public static final Embedded VM_RB = S.embed("vm_rb", RbTree.Node.LAYOUT);
    /** VM_ flags. mmap_sem (W). */
    public static final I64Field VM_FLAGS = S.i64("vm_flags");
    /** Offset of vm_start in the file, or in the anonymous numbering (vm_start >> 12 at first), in pages. */
    public static final I64Field VM_PGOFF = S.i64("vm_pgoff");
    /** Mapped file, 0 for anonymous memory; holds a reference. Constant after link. */
    public static final RefField VM_FILE = S.ref("vm_file", AddressSpace.class);
    /** Where new anonymous pages go. Set once under page_table_lock and the anon_vma lock; read once without. */
    public static final RefField ANON_VMA = S.ref("anon_vma", AnonVma.class);
    /** anon_vma_chains of this VMA (same_vma), newest first, root last. mmap_sem (W), or (R) and page_table_lock. */
    public static final Embedded ANON_VMA_CHAIN = S.embed("anon_vma_chain", ListHead.LAYOUT);
    /** Link in the file's i_mmap list. i_mmap_lock. */
    public static final Embedded SHARED = S.embed("shared", ListHead.LAYOUT);
    /** Size and members. */
    public static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private VmArea() {}
}
