/** Emulated hardware: what kernel code runs on. Entry: {@code kemu.hw.cpu.Cpu}. */
package kemu.hw;
