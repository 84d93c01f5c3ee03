package kemu.mm.strategy;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/**
 * The strategies of one family, by name: built-in ones, and those of jars on the class path, found with
 * {@link ServiceLoader}.
 *
 * @param option what names one on the command line, without dashes
 * @param type of the providers
 * @param builtIn the default comes first
 * @param <T> type of the providers
 */
public record Strategies<T extends Strategy>(String option, Class<T> type, List<T> builtIn) {
    /** The built-in ones, then those of jars, in order of discovery. */
    public List<T> all() {
        List<T> all = new ArrayList<>(builtIn);
        ServiceLoader.load(type).forEach(all::add);
        return all;
    }

    /** Those of jars only. */
    public List<T> foreign() {
        List<T> all = all();
        return all.subList(builtIn.size(), all.size());
    }

    /**
     * The one called {@code name}. Jars are not looked into for a built-in one.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public T byName(String name) {
        T built = find(name, builtIn);
        return built != null ? built : byName(name, all());
    }

    private T byName(String name, List<T> all) {
        T found = find(name, all);
        if (found == null) {
            throw new IllegalArgumentException(
                    option + ": " + name + " (allowed: " + String.join(", ", names(all)) + ")");
        }
        return found;
    }

    /** The names of {@code some}. */
    public static List<String> names(List<? extends Strategy> some) {
        return some.stream().map(Strategy::name).toList();
    }

    /** The names of those of {@code some} that are not known to be wrong. */
    public static List<String> sound(List<? extends Strategy> some) {
        return names(some.stream().filter(one -> !one.knownBad()).toList());
    }

    /** The one of {@code some} called {@code name}, or null. */
    public static <T extends Strategy> T find(String name, List<T> some) {
        return some.stream().filter(one -> one.name().equals(name)).findFirst().orElse(null);
    }
}
