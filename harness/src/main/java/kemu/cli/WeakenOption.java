package kemu.cli;

import java.util.List;
import kemu.check.Mutants;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code --weaken}: barriers that do nothing. */
final class WeakenOption {
    @Option(
            names = "--weaken",
            paramLabel = "BARRIER",
            split = ",",
            description = "these barriers of kemu's own code do nothing, to see what they are for; see kemu list"
                    + " barriers")
    private List<String> barriers = List.of();

    /** Their names, all of them known. */
    List<String> barriers() {
        barriers.forEach(barrier -> UsageException.requireOneOf("--weaken", barrier, Mutants.names()));
        return barriers;
    }
}
