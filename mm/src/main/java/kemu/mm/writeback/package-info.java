/**
 * Writing back what is dirty of a file. Entry class: {@link kemu.mm.writeback.Writeback}. Lock order: page lock,
 * i_mmap_lock, pte lock. Source: Linux 2.6.36 mm/page-writeback.c.
 */
package kemu.mm.writeback;
