/**
 * How an anon_vma finds its VMAs, {@link kemu.mm.rmap.AnonVmaIndex}: the list of 2.6.36, and the interval tree of 3.7.
 *
 * <p>Entry class: {@link kemu.mm.rmap.index.AnonVmaIndexes}, the list of them. Lock order: all under the root's lock.
 */
package kemu.mm.rmap.index;
