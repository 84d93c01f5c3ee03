package kemu.cli;

import java.util.function.Function;
import kemu.mm.Kernel;
import kemu.soak.RunSession;
import kemu.workload.Workload;

/** The options of one workload of {@code kemu run}. Given to another workload, each of them is a mistake. */
interface WorkloadOptions {
    /**
     * Throws if a value is not allowed.
     *
     * @param timed whether the run ends after a duration
     */
    void check(boolean timed);

    /**
     * What makes the workload once the kernel has booted.
     *
     * @param timed whether the run ends after a duration
     */
    Function<Kernel, Workload> workload(RunSession session, boolean timed);

    /** Throws unless {@code least <= value <= most}. */
    static void range(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new UsageException(option + ": " + value + " (allowed: " + least + ".." + most + ")");
        }
    }

    /** Throws if {@code limit}, the option that limits the amount of work, is given together with a duration. */
    static void requireOneLimit(String option, Long limit, boolean timed) {
        if (limit != null && timed) {
            throw new UsageException("--duration: cannot be combined with " + option);
        }
    }
}
