package kemu.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowingFileTest {
    @TempDir
    private Path folder;

    private static void append(GrowingFile file, String text) throws IOException {
        file.stream().write(text.getBytes(StandardCharsets.UTF_8));
        file.flush();
    }

    @Test
    void shouldBeginEmptyAndGrow() throws IOException {
        Path path = folder.resolve("log");
        Files.writeString(path, "of an earlier run, and longer");
        try (GrowingFile file = new GrowingFile(path)) {
            append(file, "one\n");
            assertEquals("one\n", Files.readString(path));
            append(file, "two\n");
            assertEquals("", file.problem());
        }
        assertEquals("one\ntwo\n", Files.readString(path));
    }

    @Test
    void shouldComeBackWithAllOfItWhenDeleted() throws IOException {
        Path path = Files.createDirectories(folder.resolve("deep/er")).resolve("log");
        try (GrowingFile file = new GrowingFile(path)) {
            append(file, "one\n");
            Files.delete(path);
            Files.delete(path.getParent());
            append(file, "two\n");
            append(file, "three\n");
            assertEquals("", file.problem());
        }
        assertEquals("one\ntwo\nthree\n", Files.readString(path));
    }

    @Test
    void shouldSayWhyAndKeepWhatIsMissingWhenTheFolderCannotBeMade() throws IOException {
        Path path = Files.createDirectories(folder.resolve("deep")).resolve("log");
        try (GrowingFile file = new GrowingFile(path)) {
            append(file, "one\n");
            Files.delete(path);
            Files.delete(path.getParent());
            Files.writeString(path.getParent(), "in its place");
            append(file, "two\n");
            assertFalse(file.problem().isEmpty());
            Files.delete(path.getParent());
            append(file, "three\n");
            assertEquals("", file.problem());
        }
        assertEquals("one\ntwo\nthree\n", Files.readString(path));
    }

    @Test
    void shouldSayThatTheDiskIsFull() throws IOException {
        Path full = Path.of("/dev/full");
        Assumptions.assumeTrue(Files.exists(full), "no /dev/full");
        Path link = Files.createSymbolicLink(folder.resolve("log"), full);
        try (GrowingFile file = new GrowingFile(link)) {
            append(file, "one\n");
            assertTrue(file.problem().contains("space"), file.problem());
        }
        Files.delete(link);
    }

    @Test
    void shouldGoOnBehindTheLastWholeLine() throws IOException {
        Path path = Files.writeString(folder.resolve("log"), "one\ntwo\nthr");
        try (GrowingFile file = GrowingFile.goingOn(path)) {
            append(file, "three\n");
        }
        assertEquals("one\ntwo\nthree\n", Files.readString(path));
    }
}
