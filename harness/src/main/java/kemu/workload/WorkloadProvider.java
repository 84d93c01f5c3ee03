package kemu.workload;

import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.huge.HugePages;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.option.UsageException;

/**
 * A workload as {@code kemu run} and {@code kemu list} know it. Its fields may carry picocli's {@code @Option} or
 * {@code @Mixin}: these are options of this workload, and given to another one each of them is a mistake. Two workloads
 * may have an option of the same name. A new object is made for every command line. Jars from outside are found with
 * {@link java.util.ServiceLoader}.
 */
public interface WorkloadProvider {
    /** Its name on the command line. */
    String name();

    /** What it does, in half a line. */
    String description();

    /**
     * Names of the latency series of what it asks the kernel to do. What the kernel does of its own accord is recorded
     * in every run ({@link Workloads#KERNEL_SERIES}).
     */
    List<String> latencies();

    /**
     * Throws {@link UsageException} if the value of an option is not allowed.
     *
     * @param timed whether the run ends after a duration
     */
    void check(boolean timed);

    /** Name of the rules by which the kernel merges equal pages; most workloads do not ask for it. */
    default String ksm() {
        return KsmRuleSets.OFF;
    }

    /** Whether pages of any private memory may be merged as well ({@code --ksm}), or only those that it says. */
    default boolean mergesAny() {
        return ksm().equals(KsmRuleSets.OFF);
    }

    /** Whether it needs huge pages, a name of {@link HugePages}; most workloads do not. */
    default String thp() {
        return HugePages.NEVER;
    }

    /** True if there is nothing to do without huge pages. */
    default boolean needsHugePages() {
        return false;
    }

    /** Pages that khugepaged looks at in each tick, unless the run is told otherwise; of most workloads none. */
    default int khugepaged() {
        return 0;
    }

    /** The kernel that it needs, where that is not one as {@code usual}, which is what all workloads are asked. */
    default KernelConfig kernel(KernelConfig usual) {
        return usual;
    }

    /**
     * Reads what the options name and returns what makes the workload once the kernel has booted.
     *
     * @param timed whether the run ends after a duration
     */
    BiFunction<Kernel, Counts, Workload> workload(boolean timed);

    /**
     * Throws if {@code limit}, the option that limits the amount of work, is given together with a duration, or is not
     * 1 to {@code most}.
     */
    static void requireOneLimit(String option, Long limit, long most, boolean timed) {
        if (limit != null && timed) {
            throw new UsageException("--duration: cannot be combined with " + option);
        }
        if (limit != null) {
            UsageException.requireRange(option, limit, 1, most);
        }
    }
}
