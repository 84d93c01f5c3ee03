package kemu.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kemu.check.Scenarios;
import kemu.check.scenario.Scenario;
import kemu.option.UsageException;

/**
 * Which cells a check is about: a variant of one scenario; or every variant of all scenarios, or of those that show a
 * bug, narrowed by the names that were given. Names that were not given are null.
 *
 * @param scenario the name of a scenario, or one of {@link #MANY}, or {@link #MUTANTS}
 * @param anonVma of {@code --anon-vma}
 * @param vmaLookup of {@code --vma-lookup}
 * @param variant of {@code --variant}
 */
record CheckedCells(String scenario, String anonVma, String vmaLookup, String variant) {
    static final String BUGS = "bugs";
    static final String MUTANTS = "mutants";
    /** What stands for many scenarios. */
    static final List<String> MANY = List.of("all", BUGS);

    /** Throws {@link UsageException} if the scenario is not known. */
    void requireKnown() {
        List<String> asked =
                new ArrayList<>(Scenarios.named().stream().map(Scenario::name).toList());
        asked.addAll(MANY);
        asked.add(MUTANTS);
        UsageException.requireOneOf("scenario", scenario, asked);
    }

    /** True if it is about many scenarios. */
    boolean many() {
        return MANY.contains(scenario);
    }

    /** The scenarios. */
    List<Scenario> scenarios() {
        return switch (scenario) {
            case "all" -> Scenarios.matrix();
            case BUGS ->
                Scenarios.all().stream().filter(one -> !one.bugs().isEmpty()).toList();
            case MUTANTS -> List.of();
            default -> List.of(Scenarios.byName(scenario));
        };
    }

    /** The variants of {@code one}. */
    List<String> variants(Scenario one) {
        if (many()) {
            return one.byAnonVma() ? named(one.variants(), anonVma) : about(one, one.variants());
        }
        String others = one.byAnonVma() ? "--anon-vma" : "--variant";
        refuse(one, one.byAnonVma() ? variant : anonVma, one.byAnonVma() ? "--variant" : "--anon-vma", others);
        if (one.variants().stream().map(one::vmaLookup).allMatch(Objects::isNull)) {
            refuse(one, vmaLookup, "--vma-lookup", others);
        }
        String given = one.byAnonVma() ? anonVma : variant;
        if (given != null) {
            UsageException.requireOneOf(others, given, one.variants());
        }
        List<String> left = about(one, given == null ? one.variants() : List.of(given));
        if (left.isEmpty()) {
            // Only what was said of lookups leaves nothing of variants that are known.
            throw new UsageException("--vma-lookup: " + vmaLookup + " (allowed of " + one.name() + ": "
                    + String.join(
                            ", ",
                            one.variants().stream()
                                    .map(one::vmaLookup)
                                    .distinct()
                                    .toList()) + ")");
        }
        return left.subList(0, 1);
    }

    private static void refuse(Scenario one, String given, String option, String has) {
        if (given != null) {
            throw new UsageException(option + ": " + one.name() + " has " + has + " (allowed: "
                    + String.join(", ", one.variants()) + ")");
        }
    }

    private static List<String> named(List<String> variants, String name) {
        return variants.stream().filter(one -> name == null || one.equals(name)).toList();
    }

    /** Those of {@code variants} that were asked for; what wraps a lookup wraps the one that was asked for. */
    private List<String> about(Scenario one, List<String> variants) {
        return variants.stream()
                .filter(each -> one.byAnonVma() || variant == null || each.equals(variant))
                .filter(each -> isAsked(anonVma, one.lookup(each)) && isAsked(vmaLookup, one.vmaLookup(each)))
                .toList();
    }

    private static boolean isAsked(String asked, String lookup) {
        return asked == null || lookup == null || lookup.equals(asked);
    }
}
