package kemu.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cache.model.MemoryModelProvider;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.axiom.Search;
import kemu.litmus.corpus.BuiltIn;
import kemu.litmus.kernel.KernelEngine;
import kemu.litmus.parse.LitmusParser;
import org.junit.jupiter.api.Test;

/**
 * What every memory model has to keep, as a test for its author to extend. Litmus tests of the corpus are executed on
 * the model along every state that it can reach: nothing is left to chance. Coherence is what kemu gives to every
 * model, and so is a test of kemu; the other tests are of what the model says.
 */
public abstract class MemoryModelContract {
    /** Coherence: what no machine on which the kernel runs does, fences or not. */
    private static final List<String> COHERENCE = List.of(
            "CoRR",
            "CoRR-two-readers",
            "CoRR-two-stores",
            "CoRR-after-xchg",
            "CoRW",
            "CoRW-later",
            "CoRW-own-rmw",
            "CoWR",
            "CoWR-old",
            "CoWW",
            "ATOM+inc+inc",
            "ATOM+cmpxchg+cmpxchg");

    /** What smp_mb and fully ordered atomics forbid. */
    private static final List<String> FULL_FENCES =
            List.of("SB+mb+mb", "SB+xchg+xchg", "SB+storemb+storemb", "MP+mb+mb", "LB+mb+mb", "R+mb+mb", "2+2W+mb+mb");

    /** For subclasses. */
    protected MemoryModelContract() {}

    /** The model under test. */
    protected abstract MemoryModelProvider provider();

    /**
     * Names of tests of the corpus that the model shows though the kernel's memory model forbids them: what it is that
     * makes the model one on which the kernel would not run as it is. Neither coherence nor full fences can be among
     * them.
     */
    protected Set<String> beyondKernel() {
        return Set.of();
    }

    /**
     * Whether some execution of the test {@code name} of the corpus, in folder classic or shapes, shows its outcome.
     */
    protected final boolean shows(String name) throws IOException {
        return run(file(name)).positive() > 0;
    }

    private static Path file(String name) throws IOException {
        for (String folder : List.of("classic", "shapes")) {
            List<Path> found = BuiltIn.find(Path.of(BuiltIn.PREFIX + folder + "/" + name));
            if (!found.isEmpty()) {
                return found.get(0);
            }
        }
        throw new IllegalArgumentException("test: " + name + " (allowed: those of corpus:classic and corpus:shapes)");
    }

    private LitmusOutcome run(Path file) throws IOException {
        KernelEngine.Options options = new KernelEngine.Options(
                MemoryModel.of(provider()),
                KernelEngine.Kind.STATES,
                0,
                1,
                Search.DEFAULT_UNROLL,
                "ticket",
                "sched",
                List.of(),
                Search.DEFAULT_LIMIT);
        LitmusOutcome outcome = new KernelEngine(options).run(LitmusParser.parse(file));
        assertTrue(outcome.complete() && outcome.explored().exhaustive(), () -> file + " was not explored to its end");
        return outcome;
    }

    /** Fails, with {@code why}, if any of the tests {@code forbidden} shows its outcome. */
    final void requireNotShown(String why, List<String> forbidden) throws IOException {
        List<String> shown = new ArrayList<>();
        for (String name : forbidden) {
            if (shows(name)) {
                shown.add(name);
            }
        }
        assertEquals(List.of(), shown, why);
    }

    /** It fits together, and is found by its name as it will be in a jar. */
    @Test
    final void shouldBeFoundByName() {
        MemoryModel model = MemoryModel.of(provider());
        assertEquals(model, MemoryModel.byName(model.label()));
        assertEquals(model.description(), MemoryModel.byName(model.label()).description());
    }

    /** Reads of one word never go backwards, stores to it are in one order, atomics are atomic. */
    @Test
    final void shouldBeCoherent() throws IOException {
        requireNotShown("the model is not coherent: it shows", COHERENCE);
    }

    /** Its full fence forbids store buffering and whatever else a full fence is for. */
    @Test
    final void shouldOrderEverythingAcrossFullFences() throws IOException {
        requireNotShown("the full fence is none: the model shows", FULL_FENCES);
    }

    /** Nothing in the corpus that the kernel's memory model forbids is shown, but what is said to be. */
    @Test
    final void shouldShowNothingThatTheKernelForbids() throws IOException {
        List<String> shown = new ArrayList<>();
        for (String folder : List.of("classic", "shapes")) {
            for (Path file : BuiltIn.find(Path.of(BuiltIn.PREFIX + folder))) {
                String name = String.valueOf(file.getFileName()).replaceFirst("\\.litmus$", "");
                boolean forbidden = BuiltIn.expected().of(name).verdict().equals("Never");
                if (forbidden && run(file).positive() > 0) {
                    shown.add(name);
                }
            }
        }
        assertEquals(
                beyondKernel().stream().sorted().toList(),
                shown.stream().sorted().toList(),
                "forbidden by the kernel's memory model, but shown");
    }
}
