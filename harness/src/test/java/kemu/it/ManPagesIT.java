package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kemu.cli.ManPages;
import kemu.tidy.Repo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.CommandSpec;

/** The man pages that {@code mvn -Pman verify} has made: as a reader sees them, and without a word of complaint. */
class ManPagesIT {
    private final Path pages = Repo.root().resolve("harness/target/man/man1");

    /** A program that is not installed says nothing. */
    private record Ran(int code, String out, String err) {}

    @BeforeEach
    void requirePages() {
        assumeTrue(Files.isDirectory(pages), "no man pages: they are made by mvn -Pman package");
    }

    private static Ran run(String... command) throws Exception {
        Path err = Files.createTempFile("man", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(err.toFile());
            builder.environment().put("LC_ALL", "C.UTF-8");
            builder.environment().put("MANWIDTH", "100");
            Process process = builder.start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Ran(process.waitFor(), out, Files.readString(err));
        } catch (IOException absent) {
            assumeTrue(false, command[0] + " is not installed");
            throw absent;
        } finally {
            Files.delete(err);
        }
    }

    @Test
    void shouldBeOnePageForEachVerb() throws IOException {
        try (Stream<Path> files = Files.list(pages)) {
            assertEquals(
                    ManPages.verbs().keySet().stream().map(name -> name + ".1").collect(Collectors.toSet()),
                    files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    @Test
    void shouldBeShownByManWithEveryOption() throws Exception {
        for (Map.Entry<String, CommandSpec> verb : ManPages.verbs().entrySet()) {
            String page = pages.resolve(verb.getKey() + ".1").toString();
            Ran shown = run("man", "--warnings", "-l", page);
            assertTrue(shown.code() == 0 && shown.err().isEmpty(), shown::toString);
            // Over-struck letters are bold ones.
            String text = shown.out().replaceAll(".\b", "");
            assertEquals(List.of(), ManPages.missing(verb.getValue(), text), text);
            assertTrue(text.startsWith(verb.getKey().toUpperCase(java.util.Locale.ROOT) + "(1)"), text);
            assertTrue(text.contains("SYNOPSIS") && text.contains("DESCRIPTION"), text);
        }
        assertTrue(run("man", "-l", pages.resolve("kemu.1").toString()).out().contains("EXIT CODES"));
    }

    @Test
    void shouldBeSetByGroffWithoutWarnings() throws Exception {
        for (String name : ManPages.verbs().keySet()) {
            Ran set = run(
                    "groff",
                    "-man",
                    "-ww",
                    "-z",
                    "-Kutf8",
                    pages.resolve(name + ".1").toString());
            assertEquals(new Ran(0, "", ""), set, name);
        }
    }
}
