/**
 * Emulated physical memory: 1 GiB banks of 4 KiB frames with real contents, and the errors a bad access raises.
 *
 * <p>Entry class: {@link kemu.hw.mem.PhysMem}. Only the two CPUs and the devices of {@code kemu.hw.machine} call it;
 * kernel code goes through {@code kemu.hw.cpu.Cpu}. No locks live here.
 *
 * <p>Whatever the kernel or an instrument finds wrong is a {@link kemu.hw.mem.KernelBug} with its
 * {@link kemu.hw.mem.FailureKind}.
 */
package kemu.hw.mem;
