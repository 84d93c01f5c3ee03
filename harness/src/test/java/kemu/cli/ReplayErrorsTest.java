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
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.explore.ScheduleText;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A schedule that does not fit is answered with one line and exit code 2; it is never followed half-way in silence. */
class ReplayErrorsTest {
    /** As this program writes it. */
    private static String written;
    /** The same in version 1, whose text can be changed without the checksum telling. */
    private static String good;

    @TempDir
    private Path dir;

    @BeforeAll
    static void find() {
        try (Check check = new Check(Subject.of("rmap-hang-child", "root-reread", MemoryModel.SC))) {
            Result found = check.explore("random", 1, 200_000, () -> 1);
            assertEquals(Result.Verdict.FAIL, found.verdict());
            written = ScheduleText.write(check.schedule(found, 1));
            good = written.replaceFirst("kemu-schedule 2", "kemu-schedule 1").replaceFirst("sum .*\n", "");
        }
    }

    private void refused(String text, String expected) throws IOException {
        answered(2, text, expected);
    }

    private void answered(int expectedCode, String text, String expected) throws IOException {
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
        assertEquals(expectedCode, code, said);
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
        refused(written.replaceFirst("kemu-schedule 2", "kemu-schedule 9"), "schedule of version 9");
    }

    @Test
    void shouldRefuseAScheduleThatWasEdited() throws IOException {
        refused(written.replaceFirst("seed \\d+", "seed 2"), "schedule.kemu:");
        refused(written.replaceFirst("seed \\d+", "seed 2"), "edited or damaged");
        refused(written.replaceFirst("outcome \\w+", "outcome LIMIT"), "edited or damaged");
    }

    @Test
    void shouldRefuseValuesThatCannotBe() throws IOException {
        refused(good.replaceFirst("lanes \\d+", "lanes -1"), "schedule.kemu:7: lanes: '-1 ");
        refused(good.replaceFirst("outcome \\w+", "outcome PRUNED"), "schedule.kemu:9: outcome: 'PRUNED'");
        refused(good.replaceFirst("variant=[^ ]+", "variant=none"), "variant: none");
        refused(good.replaceFirst("options .*", "options "), "unknown option");
    }

    @Test
    void shouldSayWhatDiffersWhenAScheduleIsFollowedToAnotherEnd() throws IOException {
        answered(1, good.replaceFirst("state [0-9a-f]+", "state 123"), "in the schedule 123");
        answered(1, good.replaceFirst("outcome \\w+", "outcome LIMIT"), "in the schedule as LIMIT");
        String longer = good.replaceFirst("end\n$", "run c0*5\nend\n");
        int steps = Integer.parseInt(good.replaceAll("(?s).*\nsteps (\\d+)\n.*", "$1"));
        answered(
                1,
                longer.replaceFirst("steps \\d+", "steps " + (steps + 5)),
                "ends at step " + steps + ", the schedule goes on to step " + (steps + 5));
    }

    @Test
    void shouldRefuseWhatHasNoEndOrIsNoText() throws IOException {
        refused("kemu-schedule 2\n" + "x".repeat(ReplayCommand.LARGEST), "a file of more than 16 MiB");
        refused("\ufeff" + written.replace("\n", "\r\n").replaceFirst("end", "END"), "expected \"end\"");
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
            refused(written.substring(0, written.length() * part / 8), "schedule.kemu:");
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
