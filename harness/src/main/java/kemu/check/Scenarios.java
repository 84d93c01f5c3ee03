package kemu.check;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.stream.Stream;
import kemu.check.file.FileScenarios;
import kemu.check.ksm.KsmScenarios;
import kemu.check.migrate.MigrateScenarios;
import kemu.check.mlock.MlockScenarios;
import kemu.check.order.Orderings;
import kemu.check.rmap.RmapScenarios;
import kemu.check.scenario.Scenario;
import kemu.check.slab.SlabScenarios;
import kemu.check.swap.SwapScenarios;
import kemu.check.tlb.TlbScenarios;
import kemu.check.vma.VmaScenarios;
import kemu.check.walk.WalkScenarios;

/** The registry of scenarios: one row for each is in the list of its package. */
public final class Scenarios {
    private static final List<Scenario> ALL = Stream.of(
                    RmapScenarios.ALL,
                    WalkScenarios.ALL,
                    KsmScenarios.ALL,
                    SlabScenarios.ALL,
                    VmaScenarios.ALL,
                    TlbScenarios.ALL,
                    FileScenarios.ALL,
                    MlockScenarios.ALL,
                    MigrateScenarios.ALL,
                    SwapScenarios.ALL)
            .flatMap(List::stream)
            .toList();

    /** Rows that are not built yet, and what they wait for. */
    private static final String[][] NOT_YET = {};

    private Scenarios() {}

    /** Names of scenarios that are not built yet, and what they wait for. */
    public static Map<String, String> notYet() {
        Map<String, String> rows = new LinkedHashMap<>();
        for (String[] row : NOT_YET) {
            rows.put(row[0], row[1]);
        }
        return rows;
    }

    /**
     * All scenarios of the matrix but those for ordering points: the built-in ones, then those of other authors on the
     * class path or in plugins.
     */
    public static List<Scenario> all() {
        List<Scenario> all = new ArrayList<>(ALL);
        ServiceLoader.load(Scenario.class).forEach(all::add);
        return all;
    }

    /** All that {@code kemu check all} covers: {@link #all}, and those for ordering points. */
    public static List<Scenario> matrix() {
        List<Scenario> matrix = all();
        matrix.addAll(Orderings.all());
        return matrix;
    }

    /** All that can be named: those of the matrix, and those that take too long for it. */
    public static List<Scenario> named() {
        List<Scenario> named = all();
        named.addAll(VmaScenarios.LONG);
        named.addAll(SwapScenarios.LONG);
        named.addAll(Orderings.all());
        return named;
    }

    /** Those of kemu itself. */
    static List<Scenario> builtIn() {
        return Stream.of(ALL, VmaScenarios.LONG, SwapScenarios.LONG, Orderings.all())
                .flatMap(List::stream)
                .toList();
    }

    /** True if a built-in scenario is called {@code name}. */
    static boolean isBuiltIn(String name) {
        return builtIn().stream().anyMatch(one -> one.name().equals(name));
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
