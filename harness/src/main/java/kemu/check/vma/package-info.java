/**
 * Scenarios of finding a VMA without mmap_sem, KERNEL-FACTS section D.4 and the cards of BUGS about VMA locks. Entry
 * class: {@link kemu.check.vma.VmaScenarios}.
 */
package kemu.check.vma;
