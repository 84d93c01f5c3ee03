package kemu.check;

import java.util.List;

/** All scenarios; {@link Expected} says what each must find. */
public final class Scenarios {
    private static final List<Scenario> ALL = List.of(new HangChild(), new HangRoot());

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
