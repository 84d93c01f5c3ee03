/**
 * The structs that several floors of mm know: {@code mm_struct}, {@code vm_area_struct}, {@code anon_vma}. Layouts
 * only, as in Linux include/linux/mm_types.h: each field says which lock guards it; what happens to it is written where
 * it is used, in {@code vma}, {@code rmap} and {@code fault}.
 *
 * <p>Entry class: {@link kemu.mm.types.MmStruct}. Lock order: mmap_sem, i_mmap_lock, the lock of an anon_vma's root,
 * page_table_lock, pte lock.
 */
package kemu.mm.types;
