/**
 * The built-in ways to find, pin and lock a page's anon_vma, one class each, and the list of their names.
 *
 * <p>Entry class: {@link kemu.mm.rmap.lock.AnonVmaLockings}. All of them lock only the root's lock; they differ in what
 * they check after taking it and in what they remember. Lock order: as in {@code kemu.mm.rmap}.
 */
package kemu.mm.rmap.lock;
