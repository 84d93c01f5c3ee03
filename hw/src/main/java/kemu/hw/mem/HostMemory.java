package kemu.hw.mem;

import com.sun.management.OperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the host has to give. */
final class HostMemory {
    /**
     * What the JVM must be left of a limited address space: without it, its compiler and its threads die of it later,
     * and the process with them.
     */
    private static final long LEFT_FOR_JVM = 256L << 20;

    private static final Pattern LIMIT = Pattern.compile("(?m)^Max address space +(\\d+)");
    private static final Pattern SIZE = Pattern.compile("(?m)^VmSize:\\s+(\\d+) kB");

    private HostMemory() {}

    /** Bytes of the host's (or its container's) memory, or fewer if the JVM's direct memory was limited further. */
    static long limitBytes() {
        long limit = PlatformDependent.maxDirectMemory();
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean host) {
            limit = Math.min(limit, host.getTotalMemorySize());
        }
        return limit;
    }

    /** @throws OutOfMemoryError if the limit of the address space (ulimit -v) leaves no {@code bytes} */
    static void requireAddressSpace(long bytes) {
        long limit = number(LIMIT, "/proc/self/limits");
        if (limit >= 0 && limit - (number(SIZE, "/proc/self/status") << 10) < bytes + LEFT_FOR_JVM) {
            throw new OutOfMemoryError("Unable to allocate " + bytes + " bytes");
        }
    }

    /** The number in {@code file}; -1 if there is none, as on hosts other than Linux. */
    private static long number(Pattern pattern, String file) {
        try {
            Matcher matcher = pattern.matcher(Files.readString(Path.of(file)));
            return matcher.find() ? Long.parseLong(matcher.group(1)) : -1;
        } catch (IOException | NumberFormatException unknown) {
            return -1;
        }
    }
}
