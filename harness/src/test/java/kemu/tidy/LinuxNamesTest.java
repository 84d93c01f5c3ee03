package kemu.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The dictionary of Linux names in docs/ARCHITECTURE.md says where things are. */
final class LinuxNamesTest {
    private static final int AT_LEAST = 60;
    private static final Pattern ROW =
            Pattern.compile("^\\| ((?:`\\w+`(?:, )?)+) \\| `([\\w.]+)\\.(\\w+)\\.(\\w+)` \\|$", Pattern.MULTILINE);

    private record Row(List<String> linux, String source, String method) {}

    @Test
    void shouldNameMethodsThatExistAndSayWhichFunctionTheyAre() throws IOException {
        List<String> wrong = new ArrayList<>();
        List<Row> rows = rows();
        for (Row row : rows) {
            Path file = Repo.root().resolve(row.source());
            String text = Files.isRegularFile(file) ? Files.readString(file) : "";
            if (!Pattern.compile("\\b" + row.method() + "\\(\\s*Cpu\\b")
                    .matcher(text)
                    .find()) {
                wrong.add(row.source() + " has no " + row.method());
            }
            for (String name : row.linux()) {
                if (!Pattern.compile("\\b" + name + "\\b").matcher(text).find()) {
                    wrong.add(row.source() + " does not say that it is " + name);
                }
            }
        }
        assertEquals(List.of(), wrong);
        assertTrue(rows.size() >= AT_LEAST, rows.size() + " rows");
    }

    private static List<Row> rows() throws IOException {
        List<Row> rows = new ArrayList<>();
        Matcher match = ROW.matcher(Files.readString(Repo.root().resolve("docs/ARCHITECTURE.md")));
        while (match.find()) {
            String name = match.group(2);
            String root = name.substring(0, (name + ".").indexOf('.'));
            String source = (root.equals("kernel") ? "hw" : root) + "/src/main/java/kemu/" + name.replace('.', '/')
                    + "/" + match.group(3) + ".java";
            rows.add(new Row(List.of(match.group(1).replace("`", "").split(", ")), source, match.group(4)));
        }
        return rows;
    }
}
