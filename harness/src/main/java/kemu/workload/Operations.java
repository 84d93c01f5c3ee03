package kemu.workload;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All operations: those of each table. */
final class Operations {
    static final List<StormOperation> ALL = Stream.of(
                    RangeOperations.ALL,
                    FileOperations.ALL,
                    LockOperations.ALL,
                    PageOperations.ALL,
                    ProcessOperations.ALL)
            .flatMap(List::stream)
            .toList();

    private Operations() {}

    /** Their names. */
    static List<String> names() {
        return ALL.stream().map(StormOperation::name).toList();
    }

    /** Their own weights, with {@code others} in place of those that it names. */
    static Map<String, Integer> weights(Map<String, Integer> others) {
        Map<String, Integer> weights = new LinkedHashMap<>();
        ALL.forEach(one -> weights.put(one.name(), others.getOrDefault(one.name(), one.weight())));
        return weights;
    }
}
