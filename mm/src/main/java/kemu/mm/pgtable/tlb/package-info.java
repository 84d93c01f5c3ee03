/**
 * Whether TLBs are explored, and where they are flushed: the kernel's flushes, which run by default, and in classes of
 * their own those of older versions and of mutants.
 *
 * <p>Entry class: {@link kemu.mm.pgtable.tlb.TlbModes}. Lock order: as {@code kemu.mm.pgtable}.
 */
package kemu.mm.pgtable.tlb;
