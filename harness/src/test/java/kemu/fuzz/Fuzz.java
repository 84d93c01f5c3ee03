package kemu.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Tries inputs of one kind, one after the other, and keeps those that break a rule. */
final class Fuzz {
    /** Processor time that one input may take, and the time until a watchdog gives up on one that waits. */
    static final Duration LONGEST = Duration.ofSeconds(20);

    private static final long INPUTS_BETWEEN_LINES = 50_000;
    private static final int ENOUGH = 20;
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;

    private final String name;
    private final Target target;
    private final long seed;
    private final Path kept;
    private final Watchdog watchdog;
    private final List<String> violations = new ArrayList<>();
    private final int[] codes = new int[4];

    /** Inputs of {@code target}; those that break a rule are written to the folder {@code kept}. */
    Fuzz(String name, Target target, long seed, Path kept, Duration longest) {
        this.name = name;
        this.target = target;
        this.seed = seed;
        this.kept = kept;
        this.watchdog = new Watchdog(longest);
    }

    /** Tries inputs {@code first} to {@code first + count - 1}; returns one line for each that breaks a rule. */
    List<String> run(long first, long count) throws IOException {
        for (long i = first; i < first + count && violations.size() < ENOUGH; i++) {
            byte[] input = target.input(new SplittableRandom(seed ^ i * GOLDEN_GAMMA ^ name.hashCode()));
            Answer answer = attempt(input);
            String violation = answer.violation();
            if (violation == null) {
                codes[answer.code()]++;
            } else {
                keep(i, input, violation, answer);
            }
            if ((i + 1 - first) % INPUTS_BETWEEN_LINES == 0) {
                System.err.println("fuzz: " + name + " " + (i + 1 - first) + " of " + count + ", " + violations.size()
                        + " violations");
            }
        }
        return violations;
    }

    /** How many inputs led to exit codes 0 to 3. */
    int[] codes() {
        return codes.clone();
    }

    private Answer attempt(byte[] input) {
        return watchdog.watch(() -> {
            try {
                return target.take(input);
            } catch (Exception | Error thrown) {
                return new Answer(-1, "", "", thrown);
            }
        });
    }

    private void keep(long index, byte[] input, String violation, Answer answer) throws IOException {
        byte[] small = answer.thrown() instanceof Watchdog.TooLong
                ? input
                : Minimiser.minimise(
                        input, tried -> violation.equals(attempt(tried).violation()));
        Files.createDirectories(kept);
        Path file = Files.write(kept.resolve(name + "-" + seed + "-" + index), small);
        StringWriter told = new StringWriter();
        PrintWriter out = new PrintWriter(told);
        out.println(violation);
        out.println(answer.err());
        if (answer.thrown() != null) {
            answer.thrown().printStackTrace(out);
        }
        Files.writeString(kept.resolve(file.getFileName() + ".txt"), told.toString());
        violations.add(name + " input " + index + " (" + file + "): " + violation);
    }
}
