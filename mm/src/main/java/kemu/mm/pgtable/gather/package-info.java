/**
 * Where gathers lie: in pages of their own, which is the default, or in one place for each CPU as before Linux 3.0.
 *
 * <p>Entry class: {@link kemu.mm.pgtable.gather.Gathers}. Lock order: as {@code kemu.mm.pgtable}.
 */
package kemu.mm.pgtable.gather;
