package kemu.check;

import java.util.List;
import java.util.stream.Stream;
import kemu.check.slab.SlabScenarios;

/** All scenarios; {@link Expected} says what each must find. */
public final class Scenarios {
    private static final List<Scenario> ALL = Stream.of(List.of(new HangChild(), new HangRoot()), SlabScenarios.ALL)
            .flatMap(List::stream)
            .toList();

    private Scenarios() {}

    /** All scenarios. */
    public static List<Scenario> all() {
        return ALL;
    }

    /** The scenario called {@code name}, or null. */
    public static Scenario byName(String name) {
        for (Scenario one : ALL) {
            if (one.name().equals(name)) {
                return one;
            }
        }
        return null;
    }
}
