package kemu.cli;

import kemu.host.HostUsage;
import kemu.hw.mem.PhysMem;
import kemu.option.Sizes;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** The emulated memory of a run, and its swap area. */
final class MemoryOptions {
    /** Smallest memory a kernel boots in and can still run a process. */
    private static final long LEAST_MEMORY = 4L << 20;
    /** What the JVM itself needs beside the emulated memory. */
    private static final long HOST_RESERVE = 512L << 20;

    private static final long PAGE = PhysMem.PAGE_SIZE;

    @Option(
            names = "--memory",
            paramLabel = "SIZE",
            defaultValue = "1g",
            converter = Sizes.Bytes.class,
            description = "emulated memory (default 1g)")
    private long memory;

    @Option(
            names = "--swap",
            paramLabel = "SIZE",
            converter = Sizes.BytesOrNone.class,
            description = "swap area, 0 for none (default: twice the memory, at most 4g)")
    private Long swap;

    /** Emulated memory. */
    long bytes() {
        return memory;
    }

    /** The swap area, once both are known to fit in the host. */
    long swapBytes() {
        long swapBytes = swap == null ? Math.min(2 * memory, 4L << 30) : swap;
        check(swapBytes);
        return swapBytes;
    }

    private void check(long swapBytes) {
        if (memory < LEAST_MEMORY) {
            throw new UsageException(
                    "--memory: " + memory + " bytes (allowed: at least " + (LEAST_MEMORY >> 20) + "m)");
        }
        long most = HostUsage.totalBytes() - HOST_RESERVE;
        if (memory > most) {
            throw new UsageException(
                    "--memory: " + (memory >> 20) + "m is more than this host allows (at most " + (most >> 20) + "m)");
        }
        if (swapBytes > 0 && swapBytes < PAGE) {
            throw new UsageException("--swap: " + swapBytes + " bytes (allowed: 0 for none, or at least 4k)");
        }
        if (swapBytes > most || swapBytes > (1L << 36)) {
            throw new UsageException("--swap: " + (swapBytes >> 20) + "m is more than this host allows (at most "
                    + (Math.min(most, 1L << 36) >> 20) + "m)");
        }
    }
}
