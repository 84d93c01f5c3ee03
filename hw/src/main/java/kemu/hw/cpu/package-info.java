/**
 * What kernel code may do to memory, on two machines: host threads ({@link kemu.hw.cpu.NativeCpu}) and fibers of one
 * host thread ({@link kemu.hw.cpu.EmuCpu}). Also the names of barriers and latency series, and the fiber itself.
 *
 * <p>Entry class: {@link kemu.hw.cpu.Cpu}. No locks live here.
 */
package kemu.hw.cpu;
