package kemu.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KemuCheckTest {
    @TempDir
    private Path dir;

    @KemuCheck(
            scenario = "rmap-hang-child",
            variant = "root-recheck",
            models = {"sc", "tso"})
    void shouldProveTheFix(CheckOutcome outcome) {
        assertEquals(Verdict.PASS, outcome.result().verdict());
        assertNull(outcome.story());
    }

    @KemuCheck(scenario = "rmap-hang-child", variant = "root-reread", expect = Verdict.FAIL, kinds = FailureKind.HANG)
    void shouldConvictTheHang(CheckOutcome outcome) {
        assertNotNull(outcome.story());
    }

    @KemuCheck(scenario = "rmap-hang-child", models = "weak", search = "random", executions = 500, seed = 3)
    void shouldFindNothingInSeededExecutions() {
        // The check is the test.
    }

    /** Asks for what does not hold. */
    static final class Wrong {
        @KemuCheck(scenario = "rmap-hang-child", variant = "root-reread")
        void proved() {}

        @KemuCheck(scenario = "rmap-hang-child", variant = "root-recheck", executions = 3)
        void hurried() {}

        @KemuCheck(
                scenario = "rmap-hang-child",
                variant = "root-reread",
                expect = Verdict.FAIL,
                kinds = FailureKind.LEAK)
        void leaks() {}

        private Wrong() {}
    }

    private CheckRun run(String method, String variant) throws NoSuchMethodException {
        KemuCheck asked = Wrong.class.getDeclaredMethod(method).getAnnotation(KemuCheck.class);
        Subject subject = new Subject("rmap-hang-child", variant, "ticket", MemoryModel.SC, List.of());
        return new CheckRun(subject, asked, dir.resolve("kept/proved-sc.kemu"));
    }

    @Test
    void shouldTellTheFailureAndRepeatItInTheNextRun() throws NoSuchMethodException, IOException {
        AssertionError first = assertThrows(
                AssertionError.class, () -> run("proved", "root-reread").require());
        assertTrue(first.getMessage().contains("expected PASS, found FAIL after "), first.getMessage());
        assertTrue(first.getMessage().contains("cause: reclaim on CPU#0 takes anon_vma"), first.getMessage());
        assertTrue(Files.isRegularFile(dir.resolve("kept/proved-sc.kemu")));
        AssertionError second = assertThrows(
                AssertionError.class, () -> run("proved", "root-reread").require());
        assertTrue(second.getMessage().contains("found FAIL again, as in the last run"), second.getMessage());
        // Mended: what was kept is of another variant, so it is explored anew and forgotten.
        run("proved", "root-recheck").require();
        assertTrue(Files.notExists(dir.resolve("kept/proved-sc.kemu")));
    }

    @Test
    void shouldNotTakeAFailureForTheOneThatIsMeant() {
        AssertionError error = assertThrows(
                AssertionError.class, () -> run("leaks", "root-reread").require());
        assertTrue(error.getMessage().contains("expected FAIL [leak], found FAIL hang"), error.getMessage());
    }

    @Test
    void shouldNotTakeUnknownForPassWhenTheSearchIsExhaustive() {
        AssertionError error = assertThrows(
                AssertionError.class, () -> run("hurried", "root-recheck").require());
        assertTrue(error.getMessage().contains("expected PASS, found UNKNOWN"), error.getMessage());
    }
}
