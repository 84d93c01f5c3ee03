/**
 * Ways for a fault to read a swap entry past the swap cache: pinned, which is sound, and those before it, each kept for
 * the scenario that convicts it.
 *
 * <p>Entry class: {@link kemu.mm.fault.direct.SlotPins}. Lock order: mmap_sem (R) is held; {@code swap_lock} and the
 * wait queue's are innermost.
 */
package kemu.mm.fault.direct;
