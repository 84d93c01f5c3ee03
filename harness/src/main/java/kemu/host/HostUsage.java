package kemu.host;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the host has and what this process took of it. */
public final class HostUsage {
    private static final long KIB = 1024;

    private HostUsage() {}

    /** Bytes of memory of the host, or of the container it runs in; Long.MAX_VALUE if unknown. */
    public static long totalBytes() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os) {
            return os.getTotalMemorySize();
        }
        return Long.MAX_VALUE;
    }

    /** Largest resident set of this process so far, 0 if the host does not tell. */
    public static long peakRssBytes() {
        return statusBytes("VmHWM:");
    }

    /** Resident set of this process now, 0 if the host does not tell. */
    public static long rssBytes() {
        return statusBytes("VmRSS:");
    }

    private static long statusBytes(String key) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith(key)) {
                    return Long.parseLong(line.replaceAll("[^0-9]", "")) * KIB;
                }
            }
        } catch (IOException | NumberFormatException notLinux) {
            return 0;
        }
        return 0;
    }
}
