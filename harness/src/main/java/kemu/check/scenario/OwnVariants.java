package kemu.check.scenario;

import java.util.List;

/** A scenario whose variants are not the anon_vma strategies; it names them itself. */
public interface OwnVariants extends Scenario {
    @Override
    default boolean byAnonVma() {
        return false;
    }

    @Override
    List<String> variants();
}
