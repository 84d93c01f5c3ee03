package kemu.check;

import java.util.List;
import kemu.check.scenario.OwnVariants;

/** A scenario of a test, which need not be listed: a name, and the one variant {@code only}. */
public abstract class OneVariant implements OwnVariants {
    private final String name;

    /** A scenario called {@code name}. */
    protected OneVariant(String name) {
        this.name = name;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final String description() {
        return "a scenario of a test";
    }

    @Override
    public final List<String> variants() {
        return List.of("only");
    }
}
