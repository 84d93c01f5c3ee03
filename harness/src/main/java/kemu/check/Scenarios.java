package kemu.check;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import kemu.check.order.Orderings;
import kemu.check.rmap.RmapScenarios;
import kemu.check.scenario.Scenario;
import kemu.check.slab.SlabScenarios;

/** All scenarios; {@link Expected} says what each must find. */
public final class Scenarios {
    private static final List<Scenario> ALL = Stream.of(RmapScenarios.ALL, SlabScenarios.ALL)
            .flatMap(List::stream)
            .toList();

    private Scenarios() {}

    /** All scenarios of the matrix: the built-in ones, then those of other authors on the class path or in plugins. */
    public static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>(ALL);
        ServiceLoader.load(Scenario.class).forEach(all::add);
        return all;
    }

    /** All that can be named: those of the matrix, and those for ordering points. */
    public static List<Scenario> named() {
        List<Scenario> named = all();
        named.addAll(Orderings.all());
        return named;
    }

    /** True if a built-in scenario is called {@code name}. */
    static boolean isBuiltIn(String name) {
        return Stream.of(ALL, Orderings.all())
                .flatMap(List::stream)
                .anyMatch(one -> one.name().equals(name));
    }

    /** The scenario called {@code name}, or null. */
    public static Scenario byName(String name) {
        for (Scenario one : ALL) {
            if (one.name().equals(name)) {
                return one;
            }
        }
        for (Scenario one : named()) {
            if (one.name().equals(name)) {
                return one;
            }
        }
        return null;
    }
}
