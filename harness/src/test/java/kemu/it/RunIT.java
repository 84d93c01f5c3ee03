package kemu.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code kemu run} ends with its verdict, its report and what it has recorded, whatever happens around it. */
class RunIT {
    private static final String FULL = "/dev/full";
    private static final String STARTED = "kemu ";

    @TempDir
    private Path folder;

    private Path file(String name) {
        return folder.resolve("out").resolve(name);
    }

    private void assertAllThere() throws IOException {
        for (String name : List.of("run.json", "latency.hlog", "counters.jsonl", "report.html", "environment.json")) {
            assertTrue(Files.size(file(name)) > 0, name);
        }
        assertTrue(Files.readString(file("report.html")).contains("<svg"), "no pictures");
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP"})
    void shouldEndWithItsFilesWhenToldTo(String signal) throws IOException {
        try (Kemu kemu = Kemu.in(folder).run("run", "kbuild", "--duration", "10m", "--copies", "2", "--out", "out")) {
            Kemu.Ended ended =
                    kemu.awaitText(STARTED).letWork(500).signal(signal).ended().withCode(3);
            ended.saying("SIG" + signal);
            assertEquals("UNKNOWN", ended.summary().get("verdict"));
            assertEquals("interrupted", ended.summary().get("kind"));
            assertEquals("0", ended.summary().get("leaked_pages"));
        }
        assertAllThere();
    }

    @Test
    void shouldGoOnAfterAPause() {
        try (Kemu kemu = Kemu.in(folder).run("run", "kbuild", "--duration", "5s")) {
            kemu.awaitText(STARTED).letWork(300).signal("STOP").letWork(2_000).signal("CONT");
            assertEquals("PASS", kemu.ended().withCode(0).summary().get("verdict"));
        }
    }

    @Test
    void shouldKeepAPauseOfTheHostApart() throws IOException {
        try (Kemu kemu = Kemu.in(folder).run("run", "kbuild", "--duration", "6s", "--out", "out")) {
            kemu.awaitFile(file("counters.jsonl")).letWork(2_000);
            kemu.signal("STOP").letWork(2_500).signal("CONT");
            Kemu.Ended ended = kemu.ended().withCode(0);
            assertTrue(Integer.parseInt(ended.summary().get("host_pauses")) >= 1, ended::toString);
            assertTrue(Double.parseDouble(ended.summary().get("host_pause_max_s")) >= 2, ended::toString);
            assertTrue(ended.out().contains("note: host_pause: "), ended::toString);
            List<String> tooLong = ended.out()
                    .lines()
                    .filter(line -> line.matches("\\w+( +[0-9.]+){6}"))
                    .filter(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))) > 2e6)
                    .map(line -> line.substring(0, line.indexOf(' ')))
                    .toList();
            assertTrue(tooLong.contains("host_pause"), ended::toString);
            assertTrue(List.of("host_pause", "in_host_pause").containsAll(tooLong), ended::toString);
        }
        assertTrue(Files.readString(file("counters.jsonl")).contains("\"event\":\"host_pause\""));
        assertTrue(Files.readString(file("latency.hlog")).contains("Tag=host_pause,"));
    }

    @Test
    void shouldLoseAtMostAnIntervalWhenKilledAndGoOnAfterwards() throws IOException {
        try (Kemu kemu = Kemu.in(folder).run("run", "forkstorm", "--duration", "22s", "--out", "out")) {
            kemu.awaitFile(file("counters.jsonl")).letWork(13_000).signal("KILL");
            assertEquals(137, kemu.ended().code());
        }
        List<String> lines = Files.readAllLines(file("counters.jsonl"));
        assertTrue(lines.getFirst().contains("\"event\":\"start\""), lines.getFirst());
        String interval = lines.stream()
                .filter(line -> line.contains("\"pgfault\":"))
                .findFirst()
                .orElseThrow();
        for (String key :
                List.of("swap_used_pages", "grace_period_age_ms", "anon_vma", "used_pages", "host_rss_bytes")) {
            assertTrue(interval.contains("\"" + key + "\":"), key);
        }
        assertTrue(lines.stream().allMatch(line -> line.startsWith("{") && line.endsWith("}")));
        assertTrue(Files.readString(file("latency.hlog")).contains("Tag=fork,"));
        Files.writeString(file("counters.jsonl"), "{\"elapsed_ms\":11", StandardOpenOption.APPEND);
        Kemu.Ended ended =
                Kemu.run(folder, "run", "forkstorm", "--resume", "out").withCode(0);
        assertEquals("1", ended.summary().get("resumed"), ended::toString);
        assertTrue(Double.parseDouble(ended.summary().get("gap_s")) > 0, ended::toString);
        assertTrue(Double.parseDouble(ended.summary().get("recorded_s")) >= 22, ended::toString);
        assertTrue(ended.out().contains("note: resumed: "), ended::toString);
        assertTrue(Files.readString(file("run.json")).contains("\"gap_s\""));
        List<String> all = Files.readAllLines(file("counters.jsonl"));
        assertEquals(lines, all.subList(0, lines.size()));
        assertTrue(all.get(lines.size()).contains("\"event\":\"resume\""), all.get(lines.size()));
        Kemu.run(folder, "run", "forkstorm", "--resume", "out").withCode(2).sayingOnly("has come to its end: PASS");
        Kemu.run(folder, "run", "kbuild", "--resume", ".").withCode(2).sayingOnly("no directory of a run");
    }

    @ParameterizedTest
    @ValueSource(strings = {"run.json", "latency.hlog", "counters.jsonl", "report.html"})
    void shouldNameTheFileForWhichTheDiskHasNoRoom(String name) throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of(FULL)), "no " + FULL);
        Files.createDirectories(folder.resolve("out"));
        Files.createSymbolicLink(file(name), Path.of(FULL));
        Kemu.Ended ended = Kemu.run(folder, "run", "kbuild", "--out", "out").withCode(0);
        ended.sayingOnly("not written: out/" + name);
        assertEquals("PASS", ended.summary().get("verdict"));
        assertTrue(ended.out().contains("note: not written: out/" + name), ended::toString);
        Files.delete(file(name));
    }

    @Test
    void shouldMakeADeletedFolderAgainWithAllThatWasRecorded() throws IOException {
        try (Kemu kemu = Kemu.in(folder).run("run", "kbuild", "--duration", "5s", "--out", "out")) {
            kemu.awaitText(STARTED);
            // The first interval has not ended yet: what the files hold then is only their beginning.
            while (!Files.exists(file("counters.jsonl"))) {
                kemu.letWork(20);
            }
            Files.delete(file("counters.jsonl"));
            Files.delete(file("latency.hlog"));
            Files.delete(folder.resolve("out"));
            assertEquals("PASS", kemu.ended().withCode(0).summary().get("verdict"));
        }
        assertAllThere();
    }

    @Test
    void shouldKeepTheFilesWhenStandardOutputIsLost() throws IOException {
        Assumptions.assumeTrue(Files.exists(Path.of(FULL)), "no " + FULL);
        try (Kemu kemu = Kemu.in(folder).output(FULL).run("run", "kbuild", "--out", "out")) {
            Kemu.Ended ended = kemu.ended();
            ended.saying("standard output cannot be written");
            assertFalse(ended.code() == 0 || ended.code() == 1, ended::toString);
        }
        assertAllThere();
    }

    @Test
    void shouldOwnItsFolderAndNothingElseInIt() throws IOException {
        Path out = Files.createDirectories(folder.resolve("out/dump")).getParent();
        for (String old : List.of("schedule.kemu", "dump/memory.gz", "dump/machine.kemu", "report.html", "notes.txt")) {
            Files.writeString(out.resolve(old), "old");
        }
        Kemu.run(folder, "run", "kbuild", "--out", "out").withCode(0);
        assertFalse(Files.exists(out.resolve("schedule.kemu")) || Files.exists(out.resolve("dump")));
        assertEquals("old", Files.readString(out.resolve("notes.txt")));
        assertAllThere();
    }
}
