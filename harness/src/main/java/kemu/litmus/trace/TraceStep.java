package kemu.litmus.trace;

import java.util.List;

/**
 * One step of an execution and what the machine looks like after it.
 *
 * @param process who does it
 * @param line line of the file, 0 if the hardware does it by itself
 * @param what the step in words
 * @param from number of the step that gave a read its value, counted from 0; -1 if none did
 * @param hardware whether the hardware does it by itself, such as letting go of a buffered store
 * @param after every process after the step; empty if there is no machine to look at
 * @param memory what everybody sees, as {@code x=1}; null if there is no machine to look at
 */
record TraceStep(int process, int line, String what, int from, boolean hardware, List<Cpu> after, String memory) {
    /**
     * A CPU.
     *
     * @param stores buffered stores, oldest first
     * @param old values of words it has yet to read, which it still sees though memory has newer ones
     */
    record Cpu(List<String> stores, List<String> old) {}
}
