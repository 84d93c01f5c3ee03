/**
 * How pages come to be mlocked, and cease to be: PG_mlocked says that a locked VMA maps the page, as far as the kernel
 * knows. What sets and clears it, and under which lock, is a strategy, {@link kemu.mm.mlock.Mlocking}; the built-in
 * ones live in {@code kemu.mm.mlock.kind}. What all of them do to a page is {@link kemu.mm.mlock.PageMlock}.
 *
 * <p>Entry class: {@link kemu.mm.mlock.Mlocking}. Lock order: page lock, pte lock, lru_lock. Lockless: PG_mlocked is
 * only changed by test-and-set and test-and-clear, so that NR_MLOCK counts each page once.
 *
 * <p>Source: Linux 2.6.32 to 6.13 mm/mlock.c.
 */
package kemu.mm.mlock;
