/** The emulated memory manager, written once against {@code kemu.hw.cpu.Cpu}. */
package kemu.mm;
