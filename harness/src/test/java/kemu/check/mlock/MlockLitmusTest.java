package kemu.check.mlock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import kemu.check.CorpusVerdicts;
import kemu.litmus.corpus.BuiltIn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The barrier of putback without the rest of the kernel, by the axioms of each model: no bound but the test itself. */
class MlockLitmusTest {
    @ParameterizedTest
    @CsvSource({
        "SB+or+clear-one-word, Never, Never, Never, Never",
        "SB+or-unlock+clear-one-word, Never, Never, Never, Never",
        "SB+or-unlock+clear-two-words, Never, Never, Sometimes, Sometimes",
        "SB+or-unlock-mb+clear-two-words, Never, Never, Never, Never",
        "SB+store-unlock+clear-two-words, Never, Sometimes, Sometimes, Sometimes",
        "SB+or-unlock+clear-both-locked, Never, Never, Never, Never",
        "SB+or+look-clear-one-word, Sometimes, Sometimes, Sometimes, Sometimes",
        "SB+or-addr+clear-mb-shm, Never, Never, Sometimes, Sometimes",
    })
    void shouldStrandAPage(String name, String sc, String tso, String weak, String lkmm) throws IOException {
        CorpusVerdicts.assertObserved("mlock/" + name, sc, tso, weak, lkmm);
    }

    @Test
    void shouldCoverTheFolder() throws IOException {
        assertEquals(8, BuiltIn.find(Path.of("corpus:mlock")).size());
    }
}
