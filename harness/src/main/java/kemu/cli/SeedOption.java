package kemu.cli;

import picocli.CommandLine.Option;

/** {@code --seed}: the one number that all chance comes from. */
final class SeedOption {
    @Option(
            names = "--seed",
            paramLabel = "S",
            defaultValue = "1",
            description = "seed of all that is chosen at random (default 1)")
    private long seed;

    long value() {
        return seed;
    }
}
