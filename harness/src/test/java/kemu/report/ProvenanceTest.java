package kemu.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenanceTest {
    private static String written(String... arguments) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            Provenance.write(json, List.of(arguments));
            json.writeEndObject();
        }
        return text.toString();
    }

    @Test
    void shouldNotDependOnWhereResultsGo() throws IOException {
        String here = written("check", "rmap-hang-child", "--out", "here", "--seed", "7");
        assertEquals(here, written("check", "rmap-hang-child", "--out=elsewhere/there", "--seed", "7"));
        assertTrue(here.contains("[\"check\",\"rmap-hang-child\",\"--seed\",\"7\"]"), here);
        assertTrue(here.contains("\"commit\":\"" + Provenance.commit() + "\""), here);
        assertTrue(here.contains("\"jdk\":\"" + System.getProperty("java.vm.version") + "\""), here);
    }

    @Test
    void shouldNameACommitOrSayThatItIsUnknown() {
        assertTrue(Provenance.commit().matches("[0-9a-f]{7,40}\\+?|unknown"), Provenance.commit());
    }

    @Test
    void shouldSayWhenAndWhereBesideTheReport(@TempDir Path folder) throws IOException {
        Instant before = Instant.now().minus(Duration.ofSeconds(1));
        Provenance.writeEnvironment(folder, List.of("check", "x", "--out", "here"));
        Map<String, String> values = new HashMap<>();
        try (JsonParser json =
                new JsonFactory().createParser(Files.readString(folder.resolve(Provenance.ENVIRONMENT)))) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.VALUE_STRING) {
                    values.merge(
                            json.currentName() == null ? "command" : json.currentName(),
                            json.getText(),
                            (a, b) -> a + " " + b);
                }
            }
        }
        assertEquals("check x --out here", values.get("command"));
        assertTrue(!values.get("host").isBlank() && !values.get("system").isBlank(), values::toString);
        assertTrue(!Instant.parse(values.get("written")).isBefore(before), values::toString);
    }

    @Test
    void shouldKeepWhatWasThereIfItCannotBeWrittenWhole(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve(Provenance.ENVIRONMENT), "before");
        // In the way of what is written first, beside its place.
        Files.createDirectory(folder.resolve(Provenance.ENVIRONMENT + ".partial"));
        assertThrows(IOException.class, () -> Provenance.writeEnvironment(folder, List.of("check")));
        assertEquals("before", Files.readString(file));
    }
}
