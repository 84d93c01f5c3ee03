package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckFilesTest {
    private static List<String> filesIn(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> folder.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    @Test
    void shouldWriteTheSameBytesWhereverTheyGo(@TempDir Path temp) throws IOException {
        Path one = temp.resolve("one");
        Path two = temp.resolve("deep/er two");
        String[] check = {
            "check", "slab-same-life", "--variant", "pin-only", "--model", "tso", "--seed", "3", "--out", ""
        };
        for (Path out : List.of(one, two)) {
            check[check.length - 1] = out.toString();
            assertEquals(1, Verbs.execute(check));
        }
        List<String> names = filesIn(one);
        assertEquals(
                List.of(
                        "check.json",
                        "dump/machine.kemu",
                        "dump/memory.gz",
                        "environment.json",
                        "report.html",
                        "schedule.kemu"),
                names);
        assertEquals(names, filesIn(two));
        for (String name : names) {
            if (!name.equals("environment.json")) {
                assertArrayEquals(Files.readAllBytes(one.resolve(name)), Files.readAllBytes(two.resolve(name)), name);
            }
        }
        String json = Files.readString(one.resolve("check.json"));
        assertTrue(json.contains("\"command\" : [ \"check\", \"slab-same-life\", \"--variant\", \"pin-only\", "), json);
        assertFalse(json.contains(temp.toString()), json);
        assertTrue(Files.readString(two.resolve("environment.json")).contains("er two"));
    }

    @Test
    void shouldOwnItsDirectoryAndNothingElseInIt(@TempDir Path out) throws IOException {
        String[] check = {"check", "slab-same-life", "--variant", "pin-only", "--out", out.toString()};
        assertEquals(1, Verbs.execute(check));
        Files.writeString(out.resolve("dump/mine"), "kept");
        Files.writeString(out.resolve("notes.txt"), "kept");
        check[3] = "pin-verify";
        assertEquals(0, Verbs.execute(check));
        assertEquals(List.of("check.json", "dump/mine", "environment.json", "notes.txt"), filesIn(out));
        assertTrue(Files.readString(out.resolve("check.json")).contains("\"PASS\""));
    }
}
