package kemu.litmus.path;

import java.util.List;
import java.util.Map;

/**
 * One way through a process.
 *
 * @param events in program order
 * @param reads how many of them read
 * @param guards conditions under which the process goes this way
 * @param registers final values of the local variables
 */
public record Path(List<MemoryEvent> events, int reads, List<Guard> guards, Map<String, Sym> registers) {
    /** {@code value} is zero or not. */
    public record Guard(Sym value, boolean nonzero) {}
}
