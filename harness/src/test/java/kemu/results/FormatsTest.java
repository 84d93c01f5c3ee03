package kemu.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.cli.InProcess;
import kemu.latency.IntervalLog;
import kemu.latency.Latencies;
import kemu.tidy.Repo;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What docs/FORMATS.md says of each file is so: one file of each kind, as the program writes it, is held against it.
 */
class FormatsTest {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ((?:`[^`]+`(?:, )?)+) \\| (\\w+) \\| ([^|]+) \\|");

    @TempDir
    private static Path folder;

    /**
     * A field of the document.
     *
     * @param name as it is written; a star at its end stands for anything
     */
    private record Field(String name, String type, String there) {
        boolean isFor(String key) {
            return name.endsWith("*") ? key.startsWith(name.substring(0, name.length() - 1)) : name.equals(key);
        }

        boolean allows(Object value) {
            return switch (type) {
                case "number" -> value instanceof Number;
                case "text" -> value instanceof String;
                case "truth" -> value instanceof Boolean;
                case "list" -> value instanceof List;
                case "object" -> value instanceof Map;
                default -> type.equals("any");
            };
        }
    }

    @BeforeAll
    static void makeFiles() {
        assertEquals(
                0,
                run(
                                "run",
                                "kbuild",
                                "--cpus",
                                "1",
                                "--lock-stat",
                                "--out",
                                folder.resolve("run").toString())
                        .code());
        assertEquals(
                1,
                run(
                                "check",
                                "rmap-hang-child",
                                "--anon-vma",
                                "root-reread",
                                "--out",
                                folder.resolve("check").toString())
                        .code());
        assertEquals(
                0,
                run(
                                "merge",
                                folder.resolve("run").toString(),
                                "-o",
                                folder.resolve("merge").toString())
                        .code());
    }

    private static InProcess.Said run(String... args) {
        return InProcess.execute(args);
    }

    private static String section(String title) throws IOException {
        String all = Files.readString(Repo.root().resolve("docs/FORMATS.md"));
        int from = all.indexOf("\n## " + title + "\n");
        assertTrue(from >= 0, title);
        int to = all.indexOf("\n## ", from + 1);
        return all.substring(from, to < 0 ? all.length() : to);
    }

    private static List<Field> fields(String text) {
        List<Field> fields = new ArrayList<>();
        Matcher rows = ROW.matcher(text);
        while (rows.find()) {
            for (String name : rows.group(1).replace("`", "").split(", ")) {
                fields.add(new Field(name, rows.group(2), rows.group(3).strip()));
            }
        }
        assertTrue(fields.size() > 10, text);
        return fields;
    }

    private static void assertAsTold(Map<String, Object> object, List<Field> fields, Set<String> there) {
        object.forEach((key, value) -> {
            Field field = fields.stream()
                    .filter(one -> one.isFor(key))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError(key + " is not in docs/FORMATS.md"));
            assertTrue(field.allows(value), () -> key + " is " + value + ", not as told: " + field);
        });
        for (Field field : fields) {
            if (there.contains(field.there)) {
                assertTrue(object.keySet().stream().anyMatch(field::isFor), () -> field + " is not there");
            }
        }
    }

    private static void assertVersion(String title, String words) throws IOException {
        assertTrue(section(title).contains(words), () -> title + " does not say: " + words);
    }

    @Test
    void shouldTellRunJson() throws IOException {
        String[] parts = section("run.json").split("\\| field of `configuration`");
        for (String verb : List.of("run", "merge")) {
            Map<String, Object> json =
                    JsonTree.object(Files.readString(folder.resolve(verb).resolve(RunResults.JSON)));
            assertAsTold(json, fields(parts[0]), Set.of("always", "of a " + verb));
            assertAsTold(
                    RunResults.read(folder.resolve(verb)).configuration(),
                    fields(parts[1]),
                    Set.of("always", "of a " + verb));
        }
        assertVersion("run.json", "Schema " + RunResults.SCHEMA + ".");
    }

    /** The row of a list names the fields of what is in it. */
    @Test
    void shouldTellLocks() throws IOException {
        String text = section("run.json");
        String row = text.lines()
                .filter(line -> line.startsWith("| `locks`"))
                .findFirst()
                .orElseThrow();
        List<?> locks = (List<?>) RunResults.read(folder.resolve("run")).json().get("locks");
        assertTrue(locks.size() > 5, locks::toString);
        for (Object one : locks) {
            ((Map<?, ?>) one).forEach((key, value) -> {
                assertTrue(row.contains("`" + key + "`"), () -> "locks: " + key);
                if (value instanceof Map<?, ?> times) {
                    times.keySet().forEach(name -> assertTrue(row.contains("`" + name + "`"), () -> "locks: " + name));
                }
            });
        }
        String last = Files.readAllLines(folder.resolve("run").resolve(RunResults.COUNTERS))
                .getLast();
        assertTrue(JsonTree.object(last).get("lock_waits_ns") instanceof Map, last);
    }

    @Test
    void shouldTellCounters() throws IOException {
        List<Field> fields = fields(section(RunResults.COUNTERS));
        for (String verb : List.of("run", "merge")) {
            List<String> lines = Files.readAllLines(folder.resolve(verb).resolve(RunResults.COUNTERS));
            Set<String> start = Set.of("always", "in the start", "in the start of a " + verb);
            assertAsTold(JsonTree.object(lines.getFirst()), fields, start);
            assertAsTold(JsonTree.object(lines.getLast()), fields, Set.of("always", "in intervals"));
        }
        assertVersion(RunResults.COUNTERS, "Schema " + RunResults.COUNTERS_SCHEMA + ".");
    }

    @Test
    void shouldTellLatencies() throws IOException {
        Path file = folder.resolve("run").resolve(RunResults.LATENCIES);
        String head = Files.readAllLines(file).getFirst();
        assertTrue(head.startsWith("#[kemu latencies " + IntervalLog.VERSION + ", nanoseconds"), head);
        assertVersion(RunResults.LATENCIES, "Version " + IntervalLog.VERSION + ",");
        Histogram untagged = Latencies.emptyHistogram();
        Histogram faults = Latencies.emptyHistogram();
        try (LatencyLines lines = new LatencyLines(file)) {
            for (LatencyLines.Line line = lines.next(); line != null; line = lines.next()) {
                if (line.histogram().getTag() == null) {
                    untagged.add(line.histogram());
                } else if (line.histogram().getTag().startsWith(IntervalLog.SUMMED)) {
                    faults.add(line.histogram());
                }
            }
        }
        assertTrue(faults.getTotalCount() > 0);
        assertEquals(faults, untagged);
    }

    @Test
    void shouldTellCheckJson() throws IOException {
        Map<String, Object> json =
                JsonTree.object(Files.readString(folder.resolve("check").resolve("check.json")));
        assertAsTold(json, fields(section("check.json")), Set.of("always", "of a failure"));
        assertVersion("check.json", "Schema " + json.get("schema") + ".");
        for (String list : List.of("steps", "locks")) {
            String row = section("check.json")
                    .lines()
                    .filter(line -> line.startsWith("| `" + list + "`"))
                    .findFirst()
                    .orElseThrow();
            for (Object one : (List<?>) json.get(list)) {
                ((Map<?, ?>) one).keySet().forEach(key -> assertTrue(row.contains("`" + key + "`"), list + ": " + key));
            }
        }
    }

    @Test
    void shouldTellSchedules() throws IOException {
        List<String> told = section("schedule.kemu")
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.split("`")[1])
                .filter(key -> !key.equals("lot"))
                .toList();
        List<String> lines = Files.readAllLines(folder.resolve("check").resolve("schedule.kemu"));
        assertVersion("schedule.kemu", "Version " + lines.getFirst().split(" ")[1] + ".");
        List<String> keys = lines.stream()
                .skip(1)
                .map(line -> line.split(" ")[0])
                .filter(key -> !key.equals("lot"))
                .distinct()
                .toList();
        assertEquals(told, keys, () -> Arrays.toString(lines.toArray()));
    }
}
