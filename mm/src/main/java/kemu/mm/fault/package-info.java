/**
 * Page faults, and the user accesses that cause them: the emulated MMU's walk of the page tables, and the kernel's
 * answer when it finds nothing or not enough.
 *
 * <p>Entry classes: {@link kemu.mm.fault.Faults}, {@link kemu.mm.fault.UserAccess}. Lock order of a fault: mmap_sem
 * (R), page lock, root anon_vma lock (inside prepare only), pte lock. A pte is read without its lock, memory is
 * allocated, then the pte is looked at again under the lock; if it changed meanwhile the access is tried anew.
 *
 * <p>A speculative fault ({@code SpeculativeFault}) has no mmap_sem, but a reference to its VMA: wherever the others
 * lock the pte it locks it by {@code PteMapLock}, which fails if the VMA has changed, and what it asks the VMA it has
 * asked before.
 *
 * <p>Source: Linux 2.6.36 mm/memory.c and arch/x86/mm/fault.c.
 */
package kemu.mm.fault;
