package kemu.litmus.ir;

import java.util.List;
import java.util.Map;

/**
 * What one process executes.
 *
 * @param number of the process
 * @param parameters shared variables, whose addresses it is given
 * @param named registers that have a name in the source, by name
 * @param registers how many there are, with those that have none
 * @param body its operations
 * @param line at which it begins
 */
public record Routine(
        int number,
        List<String> parameters,
        Map<String, Integer> named,
        int registers,
        List<Operation> body,
        int line) {}
