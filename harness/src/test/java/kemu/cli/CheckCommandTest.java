package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckCommandTest {
    @TempDir
    private Path dir;

    private record Ran(int code, String out) {}

    private static Ran kemu(String... args) {
        PrintStream before = System.out;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            return new Ran(Main.execute(args), bytes.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(before);
        }
    }

    private static String lastLine(String text) {
        return text.stripTrailing().substring(text.stripTrailing().lastIndexOf('\n') + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sc", "tso", "weak"})
    void shouldLeaveTheSameBytesForTheSameSeedAndReplayThem(String model) throws IOException {
        String state = null;
        for (String run : new String[] {"a", "b"}) {
            Path out = dir.resolve(run).resolve("out");
            Ran ran = kemu(
                    "check",
                    "rmap-hang-child",
                    "--anon-vma",
                    "root-reread",
                    "--model",
                    model,
                    "--search",
                    "random",
                    "--seed",
                    "5",
                    "--out",
                    out.toString());
            assertEquals(1, ran.code, ran.out);
            assertTrue(ran.out.contains("\ncause: reclaim on CPU#0 takes anon_vma"), ran.out);
            state = lastLine(ran.out).replaceAll(".* state=", "");
        }
        for (String file : new String[] {"check.json", "schedule.kemu"}) {
            byte[] first = Files.readAllBytes(dir.resolve("a/out").resolve(file));
            assertArrayEquals(first, Files.readAllBytes(dir.resolve("b/out").resolve(file)), file);
        }
        assertJson(dir.resolve("a/out/check.json"));
        String html = Files.readString(dir.resolve("a/out/report.html"));
        assertTrue(html.contains("<svg") && html.contains("never freed") && html.endsWith("</html>\n"));
        assertTrue(!html.contains("http"), "needs the network");
        Ran again = kemu("replay", dir.resolve("b/out/schedule.kemu").toString());
        assertEquals(1, again.code, again.out);
        assertTrue(lastLine(again.out).contains("same=true state=" + state), again.out);
    }

    private static void assertJson(Path file) throws IOException {
        int steps = 0;
        String verdict = null;
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            while (json.nextToken() != null) {
                steps += "step".equals(json.currentName()) && json.currentToken() == JsonToken.FIELD_NAME ? 1 : 0;
                if ("verdict".equals(json.currentName()) && json.currentToken() == JsonToken.VALUE_STRING) {
                    verdict = json.getText();
                }
            }
        }
        assertEquals("FAIL", verdict);
        assertTrue(steps > 20, "steps: " + steps);
    }

    @Test
    void shouldSayPassOnlyWhenAllIsCovered() {
        String out = dir.toString();
        Ran whole = kemu("check", "rmap-hang-child", "--anon-vma", "root-recheck", "--out", out);
        assertEquals(0, whole.code, whole.out);
        assertTrue(lastLine(whole.out).contains("verdict=PASS"), whole.out);
        Ran part = kemu("check", "rmap-hang-child", "--anon-vma", "root-recheck", "--executions", "3", "--out", out);
        assertEquals(3, part.code, part.out);
        assertTrue(lastLine(part.out).contains("verdict=UNKNOWN") && !part.out.contains("PASS"), part.out);
    }

    @Test
    void shouldSayThatDelayedReuseHidesTheHang() {
        Ran ran = kemu(
                "check",
                "rmap-hang-child",
                "--anon-vma",
                "root-reread",
                "--slab-reuse",
                "delayed",
                "--out",
                dir.toString());
        assertEquals(0, ran.code, ran.out);
        assertTrue(ran.out.contains("coverage loss: --slab-reuse delayed"), ran.out);
    }
}
