package kemu.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.Model;
import kemu.litmus.axiom.Search;
import kemu.litmus.corpus.BuiltIn;
import kemu.litmus.parse.LitmusParser;

/** Holds litmus tests of the corpus to what is argued of them. */
public final class CorpusVerdicts {
    private static final List<Model> MODELS = List.of(Model.SC, Model.TSO, Model.WEAK, Model.LKMM);

    private CorpusVerdicts() {}

    /** {@code test}, a folder and a name, is observed as {@code expected} on sc, tso, weak and lkmm. */
    public static void assertObserved(String test, String... expected) throws IOException {
        Path file = BuiltIn.find(Path.of("corpus:" + test + ".litmus")).get(0);
        assertEquals(MODELS.size(), expected.length, test);
        for (int i = 0; i < expected.length; i++) {
            LitmusOutcome outcome = new Search(MODELS.get(i), Search.DEFAULT_LIMIT, Search.DEFAULT_UNROLL)
                    .run(LitmusParser.parse(file));
            assertTrue(outcome.complete(), test);
            assertEquals(expected[i], outcome.observation(), test + " " + MODELS.get(i));
        }
    }
}
