/**
 * Page reclaim: kswapd, direct reclaim, and the OOM killer.
 *
 * <p>Entry class: {@link kemu.mm.reclaim.Vmscan}, which the page allocator calls. Reclaim holds no lock of its own
 * while it works: it isolates pages from the LRU lists with a reference each, and only try-locks a page before it
 * unmaps, writes and frees it, or looks at an active page under nothing but the reference.
 *
 * <p>Lock order: page lock (tried) -> what {@code kemu.mm.rmap}, {@code kemu.mm.swap} and {@code kemu.mm.file} take.
 * {@code oom_lock} is taken with none of these held; the run queue lock nests in it. Source: Linux 2.6.36 mm/vmscan.c,
 * mm/oom_kill.c.
 */
package kemu.mm.reclaim;
