package kemu.litmus;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import kemu.hw.cache.MemoryModel;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.corpus.BuiltIn;
import kemu.litmus.kernel.KernelEngine;
import kemu.litmus.parse.LitmusParser;
import kemu.litmus.trace.Tracer;

/**
 * Inputs for the litmus engines: mutated tests, which must be judged or refused in one line and in bounded time, and
 * generated ones, of which more is known: each model lies within the next, and names and the order of processes do not
 * matter.
 */
public final class LitmusFuzz {
    /** No input takes longer, by far. */
    private static final long MOST_NANOS = 20_000_000_000L;

    private static final long LIMIT = 3_000;
    private static final int UNROLL = 2;

    private final List<String> seeds = new ArrayList<>();
    private long judged;
    private long refused;

    /** With the tests that come with kemu to begin with. */
    public LitmusFuzz() throws IOException {
        for (Path file : BuiltIn.find(Path.of(BuiltIn.PREFIX))) {
            seeds.add(Files.readString(file, StandardCharsets.UTF_8));
        }
        seeds.addAll(RandomTest.KINDS);
    }

    /** Tries input {@code iteration} of {@code seed}; throws what breaks a property. */
    public void input(long seed, long iteration) {
        SplittableRandom dice = new SplittableRandom(seed * 1_000_003 + iteration);
        boolean generated = dice.nextInt(4) == 0;
        String text = generated ? new RandomTest(dice).text() : mutate(dice);
        long start = System.nanoTime();
        try {
            if (generated) {
                chain(text);
                same(dice, text);
                judged++;
            } else {
                robust(dice, text);
            }
        } catch (LitmusException wrong) {
            refused++;
            if (generated
                    || wrong.getMessage().contains("\n")
                    || wrong.getMessage().isBlank()) {
                throw new AssertionError(told(seed, iteration, text), wrong);
            }
        } catch (RuntimeException | AssertionError | StackOverflowError broken) {
            throw new AssertionError(told(seed, iteration, text), broken);
        }
        if (System.nanoTime() - start > MOST_NANOS) {
            throw new AssertionError("takes too long, " + told(seed, iteration, text));
        }
    }

    /** How many were judged; the others were refused. */
    public long judged() {
        return judged;
    }

    /** How many were refused. */
    public long refused() {
        return refused;
    }

    private static String told(long seed, long iteration, String text) {
        return "input " + iteration + " of seed " + seed + ":\n" + text;
    }

    // ---- mutated --------------------------------------------------------------------------------------------------

    private void robust(SplittableRandom dice, String text) {
        LitmusTest test = LitmusParser.parse("fuzz.litmus", text);
        Model model = Model.withAxioms().get(dice.nextInt(Model.withAxioms().size()));
        new Search(model, LIMIT, UNROLL).run(test);
        int more = dice.nextInt(40);
        if (more < 8) {
            new Tracer(LIMIT, UNROLL).tell(test, List.of(model)).text();
        } else if (more == 8) {
            new KernelEngine(new KernelEngine.Options(
                            MemoryModel.TSO,
                            KernelEngine.Kind.RANDOM,
                            20,
                            1,
                            UNROLL,
                            "ticket",
                            "sched",
                            List.of(),
                            LIMIT))
                    .run(test);
        }
        judged++;
    }

    private String mutate(SplittableRandom dice) {
        String text = seeds.get(dice.nextInt(seeds.size()));
        int changes = 1 + dice.nextInt(3);
        for (int i = 0; i < changes; i++) {
            text = change(dice, text);
        }
        return text;
    }

    private String change(SplittableRandom dice, String text) {
        if (text.isEmpty()) {
            return text;
        }
        int at = dice.nextInt(text.length());
        int end = Math.min(text.length(), at + 1 + dice.nextInt(12));
        String[] lines = text.split("\n", -1);
        int line = dice.nextInt(lines.length);
        switch (dice.nextInt(9)) {
            case 0:
                return text.substring(0, at) + text.substring(end);
            case 1:
                return text.substring(0, at) + (char) dice.nextInt(1, 256) + text.substring(at);
            case 2:
                return text.substring(0, at) + pick(dice, RandomTest.TOKENS) + text.substring(at);
            case 3:
                return text.substring(0, at) + pick(dice, RandomTest.TOKENS) + text.substring(end);
            case 4:
                lines[line] = lines[line] + "\n" + lines[dice.nextInt(lines.length)];
                return String.join("\n", lines);
            case 5:
                lines[line] = "";
                return String.join("\n", lines);
            case 6:
                String other = seeds.get(dice.nextInt(seeds.size()));
                return text.substring(0, at) + other.substring(dice.nextInt(other.length()));
            case 7:
                return words(dice, text);
            default:
                lines[line] = (lines[line] + "\n").repeat(1 + dice.nextInt(6)).trim();
                return String.join("\n", lines);
        }
    }

    /** Puts one word of the text where another one stands. */
    private static String words(SplittableRandom dice, String text) {
        String[] parts = text.split("(?<=\\W)|(?=\\W)");
        if (parts.length > 1) {
            parts[dice.nextInt(parts.length)] = parts[dice.nextInt(parts.length)];
        }
        return String.join("", parts);
    }

    private static String pick(SplittableRandom dice, List<String> from) {
        return from.get(dice.nextInt(from.size()));
    }

    // ---- generated ------------------------------------------------------------------------------------------------

    private static LitmusOutcome run(Model model, String text) {
        return new Search(model, 30_000, UNROLL).run(LitmusParser.parse("fuzz.litmus", text));
    }

    private static void chain(String text) {
        Set<String> before = Set.of();
        for (Model model : List.of(Model.SC, Model.TSO, Model.WEAK, Model.LKMM)) {
            LitmusOutcome outcome = run(model, text);
            if (!outcome.complete()) {
                return;
            }
            contains(model, outcome, before);
            before = new HashSet<>(outcome.states());
        }
        LitmusOutcome weak = run(Model.WEAK, text);
        LitmusOutcome old = run(Model.LKMM_6_1, text);
        if (old.complete()) {
            contains(Model.LKMM_6_1, old, new HashSet<>(weak.states()));
        }
    }

    private static void contains(Model model, LitmusOutcome outcome, Set<String> before) {
        Set<String> missing = new HashSet<>(before);
        missing.removeAll(outcome.states());
        if (!missing.isEmpty()) {
            throw new AssertionError(model.label() + " does not show what a stricter model shows: " + missing);
        }
    }

    /** Other names and another order of processes change nothing that can be counted. */
    private static void same(SplittableRandom dice, String text) {
        Model model = Model.withAxioms().get(dice.nextInt(Model.withAxioms().size()));
        LitmusOutcome one = run(model, text);
        LitmusOutcome renamed = run(model, RandomTest.renamed(text));
        LitmusOutcome turned = run(model, RandomTest.turned(text));
        if (one.complete() && renamed.complete() && turned.complete()) {
            equal("renamed", one, renamed);
            equal("turned", one, turned);
        }
    }

    private static void equal(String how, LitmusOutcome one, LitmusOutcome other) {
        boolean same = one.positive() == other.positive()
                && one.negative() == other.negative()
                && one.states().size() == other.states().size()
                && one.flags().equals(other.flags());
        if (!same) {
            throw new AssertionError(how + ": " + one + " became " + other);
        }
    }
}
