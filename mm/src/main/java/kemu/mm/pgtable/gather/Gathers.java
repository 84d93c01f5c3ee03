package kemu.mm.pgtable.gather;

import java.util.List;
import kemu.hw.machine.Machine;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.GatherFrames;

/**
 * Where gathers lie, by name. The command line offers none; a scenario configures its kernel with those that it tries.
 */
public final class Gathers {
    /** The default: in pages of their own. */
    public static final String PREEMPTIBLE = "preemptible";
    /** One for each CPU, preemption disabled: until 2.6.39. */
    public static final String PER_CPU = "per-cpu";
    /** The same with preemption left on, which no kernel does: made up. */
    public static final String PER_CPU_UNPINNED = "per-cpu-unpinned";

    private static final List<String> NAMES = List.of(PREEMPTIBLE, PER_CPU, PER_CPU_UNPINNED);

    private Gathers() {}

    /** Checks that {@code name} is one. @throws IllegalArgumentException naming what is allowed */
    public static void check(String name) {
        if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("gather: " + name + " (allowed: " + String.join(", ", NAMES) + ")");
        }
    }

    /**
     * Those called {@code name}, on {@code machine}. Boot only.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static GatherFrames byName(String name, Machine machine, PageAllocator pages) {
        check(name);
        return name.equals(PREEMPTIBLE)
                ? new TaskGather(pages)
                : new PerCpuGather(machine, pages, name.equals(PER_CPU));
    }
}
