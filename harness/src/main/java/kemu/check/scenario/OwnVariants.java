package kemu.check.scenario;

import java.util.List;
import java.util.stream.Stream;
import kemu.mm.strategy.Strategies;
import kemu.mm.strategy.Strategy;

/** A scenario whose variants are not the anon_vma strategies; it names them itself. */
public interface OwnVariants extends Scenario {
    /** The strategies called {@code builtIn}, then those of other authors, as variants. */
    static List<String> withForeign(List<String> builtIn, List<? extends Strategy> foreign) {
        return Stream.concat(builtIn.stream(), Strategies.names(foreign).stream())
                .toList();
    }

    @Override
    default boolean byAnonVma() {
        return false;
    }

    @Override
    List<String> variants();
}
