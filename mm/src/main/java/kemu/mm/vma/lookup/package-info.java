/**
 * The ways in which a fault finds its VMA, {@link kemu.mm.vma.VmaLookup}: with mmap_sem, as in 2.6.36, or without it,
 * as Linux came to do it from 2019 to 2025.
 *
 * <p>Entry class: {@link kemu.mm.vma.lookup.VmaLookups}, the list of them. Lock order: mmap_sem (W), then a VMA's own
 * lock; a fault that holds a VMA's lock only tries mmap_sem.
 */
package kemu.mm.vma.lookup;
