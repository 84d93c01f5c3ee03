package kemu.fuzz;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicReference;

/** Tries inputs of one kind, one after the other, and keeps those that break a rule. */
final class Fuzz {
    /** Processor time that one input may take; of one that waits, a tenth of the time until it is given up. */
    static final Duration LONGEST = Duration.ofSeconds(20);

    private static final long INPUTS_BETWEEN_LINES = 50_000;
    private static final int ENOUGH = 20;
    private static final long STACK_BYTES = 1 << 20;
    private static final long GOLDEN_GAMMA = 0x9e37_79b9_7f4a_7c15L;

    private final String name;
    private final Target target;
    private final long seed;
    private final Path kept;
    private final Watchdog watchdog;
    private final List<String> violations = Collections.synchronizedList(new ArrayList<>());
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
    List<String> run(long first, long count) throws IOException, InterruptedException {
        long end = first + count;
        long next = first;
        while (next < end && violations.size() < ENOUGH) {
            Worker worker = new Worker(next, first, end);
            AtomicReference<Throwable> broken = new AtomicReference<>();
            Thread thread = new Thread(null, worker, "fuzz", STACK_BYTES);
            thread.setDaemon(true);
            thread.setUncaughtExceptionHandler((it, thrown) -> broken.set(thrown));
            thread.start();
            Watchdog.TooLong given = watchdog.guard(thread, () -> worker.attempts);
            if (broken.get() != null) {
                throw new IllegalStateException("the fuzzer itself fails", broken.get());
            }
            if (given == null) {
                break;
            }
            write(worker.index, worker.input, given.getMessage(), new Answer(-1, "", "", given));
            next = worker.index + 1;
        }
        return violations;
    }

    /** How many inputs led to exit codes 0 to 3. */
    int[] codes() {
        return codes.clone();
    }

    /** Takes inputs until one is not answered; then another worker goes on after it. */
    private final class Worker implements Runnable {
        private final long first;
        private final long end;
        private volatile long index;
        private volatile long attempts;
        private volatile byte[] input;

        Worker(long next, long first, long end) {
            this.index = next;
            this.first = first;
            this.end = end;
        }

        @Override
        public void run() {
            for (long i = index; i < end && violations.size() < ENOUGH; i++) {
                index = i;
                byte[] made = target.input(new SplittableRandom(seed ^ i * GOLDEN_GAMMA ^ name.hashCode()));
                Answer answer = attempt(made);
                String violation = answer.violation();
                if (violation == null) {
                    codes[answer.code()]++;
                } else {
                    byte[] small = Minimiser.minimise(
                            made, tried -> violation.equals(attempt(tried).violation()));
                    write(i, small, violation, answer);
                }
                if ((i + 1 - first) % INPUTS_BETWEEN_LINES == 0) {
                    System.err.println("fuzz: " + name + " " + (i + 1 - first) + " of " + (end - first) + ", "
                            + violations.size() + " violations");
                }
            }
        }

        private Answer attempt(byte[] tried) {
            input = tried;
            attempts = attempts + 1;
            try {
                return target.take(tried);
            } catch (Exception | Error thrown) {
                return new Answer(-1, "", "", thrown);
            }
        }
    }

    private void write(long index, byte[] input, String violation, Answer answer) {
        StringWriter told = new StringWriter();
        PrintWriter out = new PrintWriter(told);
        out.println(violation);
        out.println(answer.err());
        if (answer.thrown() != null) {
            answer.thrown().printStackTrace(out);
        }
        try {
            Files.createDirectories(kept);
            Path file = Files.write(kept.resolve(name + "-" + seed + "-" + index), input);
            Files.writeString(kept.resolve(file.getFileName() + ".txt"), told.toString());
            violations.add(name + " input " + index + " (" + file + "): " + violation);
        } catch (IOException full) {
            throw new UncheckedIOException(full);
        }
    }
}
