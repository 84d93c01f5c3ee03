package kemu.hw.mem;

import com.sun.management.OperatingSystemMXBean;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;

/** What the host has to give. */
final class HostMemory {
    private HostMemory() {}

    /** Bytes of the host's (or its container's) memory, or fewer if the JVM's direct memory was limited further. */
    static long limitBytes() {
        long limit = PlatformDependent.maxDirectMemory();
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean host) {
            limit = Math.min(limit, host.getTotalMemorySize());
        }
        return limit;
    }
}
