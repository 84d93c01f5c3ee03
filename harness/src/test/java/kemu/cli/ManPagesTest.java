package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Model.CommandSpec;
import picocli.codegen.docgen.manpage.ManPageGenerator;

/** The sources of the man pages, which {@code mvn -Pman} makes pages of: every verb has one, every option is on it. */
class ManPagesTest {
    @TempDir
    private Path folder;

    @Test
    void shouldTellEveryVerbAndEveryOption() throws IOException {
        Map<String, CommandSpec> verbs = ManPages.verbs();
        assertTrue(verbs.size() > 15, verbs.keySet()::toString);
        int code = ManPageGenerator.generateManPage(
                folder.toFile(), null, new boolean[0], true, Verbs.line().getCommandSpec());
        assertEquals(0, code);
        for (Map.Entry<String, CommandSpec> verb : verbs.entrySet()) {
            String page = Files.readString(folder.resolve(verb.getKey() + ".adoc"));
            assertEquals(List.of(), ManPages.missing(verb.getValue(), page), verb.getKey());
            assertFalse(page.contains("${"), verb.getKey() + ": a name that was not filled in");
            assertFalse(page.contains("tag::picocli-generated-man-section-description[]\n// end"), verb.getKey());
        }
        String kemu = Files.readString(folder.resolve("kemu.adoc"));
        assertTrue(kemu.contains("*2*::\n  wrong usage"), kemu);
    }

    @Test
    void shouldMissWhatIsNotThere() {
        CommandSpec list = ManPages.verbs().get("kemu-list");
        assertEquals(List.of("--plugin"), ManPages.missing(list, "-h, --help -V, --version"));
    }
}
