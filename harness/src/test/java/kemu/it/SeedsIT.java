package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import kemu.it.Transcripts.Transcript;
import kemu.tidy.Repo;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/SEEDS.md shows what the packaged kemu prints, line by line but for times. Where a change of the kernel code
 * changes numbers of executions, {@code mvn verify -Dit.test=SeedsIT -Dkemu.seeds.write=true} writes what is printed
 * now into the document, to be read before it is kept.
 */
class SeedsIT {
    private static final Path DOCUMENT = Repo.root().resolve("docs/SEEDS.md");

    @TempDir
    private static Path folder;

    @TestFactory
    List<DynamicTest> shouldPrintWhatTheDocumentShows() throws IOException {
        Transcripts document = new Transcripts(DOCUMENT);
        List<DynamicTest> tests = new ArrayList<>();
        for (Transcript one : document.all()) {
            tests.add(DynamicTest.dynamicTest(one.command(), () -> {
                Kemu.Ended ended = Kemu.run(folder, one.command().split(" "));
                List<String> now = one.lastOf(ended.out());
                boolean same = Transcripts.timeless(one.printed()).equals(Transcripts.timeless(now));
                if (!same && Boolean.getBoolean("kemu.seeds.write")) {
                    document.rewrite(one, now);
                    return;
                }
                assertEquals(Transcripts.timeless(one.printed()), Transcripts.timeless(now), ended::toString);
                ended.withCode(one.code());
            }));
        }
        return tests;
    }

    /** Each claim has a command of its own. */
    @Test
    void shouldShowEveryClaim() throws IOException {
        List<String> shown = new Transcripts(DOCUMENT)
                .all().stream().map(Transcript::section).distinct().toList();
        List<String> claims = Files.readAllLines(DOCUMENT).stream()
                .filter(line -> line.startsWith("### "))
                .map(line -> line.substring(4))
                .toList();
        assertTrue(claims.size() >= 7, claims::toString);
        assertEquals("", claims.stream().filter(claim -> !shown.contains(claim)).collect(Collectors.joining(", ")));
    }
}
