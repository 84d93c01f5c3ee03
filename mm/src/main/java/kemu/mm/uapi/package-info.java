/**
 * What the kernel shows to user programs: error numbers. Entry class: {@link kemu.mm.uapi.Errno}. No locks.
 *
 * <p>Source: Linux include/uapi.
 */
package kemu.mm.uapi;
