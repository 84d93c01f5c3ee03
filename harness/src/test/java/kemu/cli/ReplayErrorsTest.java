package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import kemu.check.Check;
import kemu.check.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.sched.Result;
import kemu.hw.sched.ScheduleText;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A schedule that does not fit is answered with one line and exit code 2; it is never followed half-way in silence. */
class ReplayErrorsTest {
    private static String good;

    @TempDir
    private Path dir;

    @BeforeAll
    static void find() {
        try (Check check = new Check(Subject.of("rmap-hang-child", "root-reread", MemoryModel.SC))) {
            Result found = check.explore("random", 1, 200_000, () -> 1);
            assertEquals(Result.Verdict.FAIL, found.verdict());
            good = ScheduleText.write(check.schedule(found, 1));
        }
    }

    private void refused(String text, String expected) throws IOException {
        Path file = dir.resolve("schedule.kemu");
        Files.writeString(file, text);
        PrintStream before = System.err;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = Main.execute(new String[] {"replay", file.toString()});
        } finally {
            System.setErr(before);
        }
        String said = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(2, code, said);
        assertEquals(1, said.lines().count(), said);
        assertTrue(said.contains(expected), said);
    }

    /** The same schedule with other steps. */
    private static String withRuns(int steps, String runs) {
        String head = good.substring(0, good.indexOf("\nrun") + 1);
        return head.replaceFirst("steps \\d+", "steps " + steps) + "run " + runs + "\nend\n";
    }

    @Test
    void shouldRefuseAScheduleOfAnotherVersion() throws IOException {
        refused(good.replaceFirst("kemu-schedule 1", "kemu-schedule 9"), "schedule of version 9");
    }

    @Test
    void shouldRefuseAScheduleOfAnotherLayout() throws IOException {
        refused(good.replaceFirst("scene [0-9a-f]+", "scene 123"), "another build or scene");
    }

    @Test
    void shouldRefuseAScheduleOfAnUnknownScenario() throws IOException {
        refused(good.replaceFirst("scenario \\S+", "scenario rmap-hang-aunt"), "rmap-hang-aunt");
    }

    @Test
    void shouldRefuseATruncatedSchedule() throws IOException {
        for (int part = 1; part < 8; part++) {
            refused(good.substring(0, good.length() * part / 8), "schedule.kemu: ");
        }
    }

    @Test
    void shouldSayWhereAScheduleDiverges() throws IOException {
        refused(withRuns(100_000, "c0*100000"), "diverged at step ");
    }

    @Test
    void shouldSayWhereAScheduleIsExhausted() throws IOException {
        refused(withRuns(3, "c0*3"), "schedule exhausted at step 3");
    }
}
