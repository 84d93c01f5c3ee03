package kemu.workload;

import kemu.hw.cpu.Cpu;

/** A workload: starts processes, again and again, until it is told to stop. */
public interface Workload {
    /**
     * Starts the next round from the conductor's task and returns when all of its processes have ended.
     *
     * @return false if there is nothing more to run
     */
    boolean round(Cpu cpu);

    /** Asks running processes to end early. Any thread. */
    void stop();

    /** What the last lines of the report say, beyond what every run counts. */
    default void describe(java.util.function.BiConsumer<String, Object> out) {}

    /** What the reader should know of the input, such as what was skipped in it. */
    default java.util.List<String> notes() {
        return java.util.List.of();
    }

    /** Why nothing that happened can count as this workload having run; empty if enough has. */
    default String nothingDone() {
        return "";
    }

    /** How much of the work is done, 0 to 1, or a negative number if that cannot be said. Any thread. */
    double progress();
}
