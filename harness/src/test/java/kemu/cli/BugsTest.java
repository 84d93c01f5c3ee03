package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kemu.check.Expected;
import kemu.check.Scenarios;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bugs of real kernels: each is shown by a variant, and its fix holds where the bug shows. */
class BugsTest {
    private static final String[] SLAB_ONLY = {"check", "bugs", "--anon-vma", "root-reread", "--variant"};

    static Stream<Arguments> bugs() {
        return Scenarios.all().stream().flatMap(one -> one.bugs().stream().map(bug -> Arguments.of(one, bug)));
    }

    private static Verdict expected(Scenario scenario, String variant, String model) {
        return Expected.of(Subject.of(scenario.name(), variant, MemoryModel.byName(model)))
                .verdict();
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void shouldBeShownByEveryVariantAsShippedWhereAnotherHolds(Scenario scenario, Bug bug) {
        for (String shipped : bug.shipped()) {
            assertTrue(scenario.variants().contains(shipped), shipped);
            List<String> models = MemoryModel.names().stream()
                    .filter(model -> expected(scenario, shipped, model) == Verdict.FAIL)
                    .toList();
            assertTrue(!models.isEmpty(), () -> scenario.name() + " " + shipped + " fails on no model");
            for (String model : models) {
                assertTrue(
                        scenario.variants().stream().anyMatch(one -> expected(scenario, one, model) == Verdict.PASS),
                        () -> scenario.name() + ": no fix on " + model);
            }
            assertTrue(!scenario.source().isEmpty(), "where it comes from");
        }
    }

    @ParameterizedTest
    @MethodSource("bugs")
    void shouldBeListedWithItsKernelsCommitsAndCommand(Scenario scenario, Bug bug) {
        List<String> lines = InProcess.execute("list", "bugs")
                .out()
                .lines()
                .map(String::strip)
                .toList();
        int at = lines.indexOf(bug.title());
        assertTrue(at >= 0, bug.title());
        assertEquals("kernels   " + bug.kernels(), lines.get(at + 1));
        assertEquals("commits   " + bug.commits(), lines.get(at + 2));
        assertTrue(
                lines.get(at + 3).startsWith("shown by  ./kemu check " + scenario.name() + " --"), lines.get(at + 3));
        assertEquals("from      " + scenario.source(), lines.get(at + 4));
    }

    @Test
    void shouldHaveNoTitleTwice() {
        List<String> titles = new ArrayList<>();
        bugs().forEach(row -> titles.add(((Bug) row.get()[1]).title()));
        assertEquals(titles.stream().distinct().toList(), titles);
        assertTrue(titles.size() >= 11, titles::toString);
    }

    private static InProcess.Said check(Path out, String... more) {
        return InProcess.execute(Stream.of(SLAB_ONLY, more, new String[] {"--out", out.toString()})
                .flatMap(Stream::of)
                .toArray(String[]::new));
    }

    @Test
    void shouldCheckTheCellsOfBugsAndSayWhichWereShown(@TempDir Path dir) throws Exception {
        InProcess.Said said = check(dir, "synchronize-rcu");
        assertEquals(0, said.code(), said.out() + said.err());
        assertTrue(
                said.out()
                        .contains("a slab cache is gone while callbacks that free its pages are still to come"
                                + " [until 2.6.30; fix 7ed9f7e5db5 (June 2009)]\n"
                                + "slab-destroy         synchronize-rcu "),
                said.out());
        assertTrue(said.out().contains("verdict=PASS bugs=3 shown=3 cells=3 "), said.out());
        String json = Files.readString(dir.resolve("check.json"));
        assertTrue(json.contains("\"scenario\" : \"bugs\"") && json.contains("\"kernels\" : \"until 2.6.30\""), json);
        assertTrue(Files.readString(dir.resolve("report.html")).contains("kemu check bugs on sc: PASS"));
        assertTrue(Files.readString(dir.resolve("junit.xml")).contains("tests=\"3\""));
    }

    /** A search that was cut off is no conviction: the bug is named, with the command that shows it. */
    @Test
    void shouldNameABugThatWasNotShown(@TempDir Path dir) {
        InProcess.Said said = check(dir, "none", "--executions", "1");
        assertEquals(3, said.code(), said.out() + said.err());
        assertTrue(said.out().contains("verdict=UNKNOWN bugs=4 shown=0 "), said.out());
        assertTrue(said.out().contains("meanwhile: ./kemu check rmap-hang-child --anon-vma root-reread\n"), said.out());
    }
}
