package kemu.trace;

import java.nio.file.Path;

/**
 * How to load a log.
 *
 * @param faults the faults table, or null to use the built-in medians of each executable
 * @param lenient skip and count what cannot be understood instead of failing
 */
public record LoadOptions(Path faults, boolean lenient) {
    /** No table, strict. */
    public static final LoadOptions DEFAULT = new LoadOptions(null, false);
}
