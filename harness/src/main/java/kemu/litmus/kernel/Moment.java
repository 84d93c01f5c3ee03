package kemu.litmus.kernel;

import java.util.List;
import kemu.litmus.ir.Operation;

/**
 * One step of a {@link ShortestRun} and what the machine looks like after it. Locations are numbers of the shared
 * memory, values those that processes know.
 *
 * @param process who does it
 * @param kind what happens
 * @param operation which operation it is a part of; null if the hardware acts by itself
 * @param location which word it is about, -1 for none
 * @param value what a load or an atomic got, or a store put
 * @param source where a load got it from
 * @param after every process after the step
 * @param memory what every location holds for everybody
 */
public record Moment(
        int process,
        Kind kind,
        Operation operation,
        int location,
        long value,
        Source source,
        List<Buffers> after,
        long[] memory) {

    /** What happens. */
    public enum Kind {
        READ,
        WRITE,
        /** Of an atomic that stores; the value is the old one. */
        CHANGE,
        /** A fence or another step that touches no word of the test. */
        OTHER,
        /** A buffered store becomes visible. */
        DRAIN,
        /** An old value goes away. */
        DELIVER
    }

    /** Where a load gets its value from. */
    public enum Source {
        MEMORY,
        OWN_STORE,
        /** An old value: a newer one has not got here. */
        OLD
    }

    /**
     * What a CPU keeps to itself, as pairs of location and value.
     *
     * @param stores that others do not see yet, oldest first
     * @param old values of words that it may still see though memory has newer ones
     */
    public record Buffers(List<long[]> stores, List<long[]> old) {}
}
