package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kemu.check.Mutants;
import kemu.report.Sarif;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Failures as other tools read them. */
class SarifTest {
    @TempDir
    private Path dir;

    private Path sarif;

    private InProcess.Said check(String... words) {
        sarif = dir.resolve("check.sarif");
        List<String> all = new ArrayList<>(List.of("check"));
        all.addAll(List.of(words));
        all.addAll(List.of("--out", dir.resolve("out").toString(), "--sarif", sarif.toString()));
        return InProcess.execute(all.toArray(String[]::new));
    }

    /** The values of {@code key}, wherever it is; throws if the file is no JSON. */
    private List<String> values(String key) throws IOException {
        List<String> values = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(Files.readString(sarif))) {
            while (json.nextToken() != null) {
                if (json.currentToken().isScalarValue() && key.equals(json.currentName())) {
                    values.add(json.getText());
                }
            }
        }
        return values;
    }

    @Test
    void shouldTellAFailureWithItsSchedule() throws IOException {
        InProcess.Said said = check("rmap-hang-child", "--anon-vma", "root-reread", "--search", "pct", "--seed", "3");
        assertEquals(1, said.code(), said::toString);
        assertTrue(values("version").contains("2.1.0"));
        assertEquals(List.of("hang"), values("ruleId"));
        assertEquals(List.of("hang"), values("id"));
        assertEquals(List.of("rmap-hang-child/root-reread/sc"), values("fullyQualifiedName"));
        assertEquals(List.of(dir.resolve("out/schedule.kemu").toUri().toString()), values("uri"));
        assertTrue(values("text").get(0).contains("releases anon_vma->lock"), () -> "no cause: " + said);
    }

    @Test
    void shouldHoldNothingIfNothingFailed() throws IOException {
        InProcess.Said said = check("rmap-hang-child", "--executions", "3");
        assertEquals(3, said.code(), said::toString);
        assertEquals(List.of(), values("ruleId"));
        assertEquals(List.of("kemu"), values("name"));
    }

    @Test
    void shouldNamePlacesRelativeToWhereItIsRead() throws IOException {
        sarif = dir.resolve("one.sarif");
        Sarif.write(sarif, List.of(new Sarif.Failure("leak", "lost \"it\"", "a/b/sc", "my out/schedule.kemu")));
        assertEquals(List.of("my%20out/schedule.kemu"), values("uri"));
        assertEquals(List.of("lost \"it\""), values("text"));
    }

    /** The mutants ignored --junit. */
    @Test
    void shouldWriteAMutantACase() throws IOException {
        Path junit = dir.resolve("mutants.xml");
        InProcess.Said said = check("mutants", "--executions", "1", "--junit", junit.toString());
        assertEquals(3, said.code(), said::toString);
        String xml = Files.readString(junit);
        for (String name : Mutants.names()) {
            assertTrue(xml.contains("<testcase classname=\"check.mutants\" name=\"" + name + "\""), name);
        }
        assertTrue(xml.contains("tests=\"" + Mutants.names().size() + "\""), xml);
        assertEquals(List.of(), values("ruleId"));
    }
}
