package kemu.check.order;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kemu.check.Check;
import kemu.check.Mutants;
import kemu.check.Scenario;
import kemu.check.Scenarios;
import kemu.hw.cpu.Barriers;
import kemu.hw.sched.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of barriers is that of the sources, and what it says of the mutants is so. */
class BarrierTableTest {
    private static final Pattern REGISTERED =
            Pattern.compile("Barriers\\s*\\.(fence|acquire|release|full)\\(\"([^\"]+)\"");

    private static Path root() {
        Path dir = Path.of("").toAbsolutePath();
        while (!Files.isDirectory(dir.resolve("rcu/src/main"))) {
            dir = dir.getParent();
        }
        return dir;
    }

    private static Stream<Path> sources(String module) {
        try (Stream<Path> all = Files.walk(root().resolve(module).resolve("src/main/java"))) {
            return all.filter(file -> file.toString().endsWith(".java")).toList().stream();
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Stream<String> registered(Path source) {
        try {
            return REGISTERED
                    .matcher(Files.readString(source))
                    .results()
                    .map(found ->
                            found.group(1).equals("fence") ? found.group(2) : found.group(2) + ":" + found.group(1));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void shouldHaveARowForEveryBarrierOfTheSources() {
        Set<String> listed = BarrierTable.all().stream().map(NamedBarrier::name).collect(Collectors.toSet());
        assertEquals(BarrierTable.all().size(), listed.size(), "a name twice");
        Set<String> missing = new TreeSet<>();
        for (String module : List.of("hw", "rcu", "mm")) {
            sources(module)
                    .filter(file -> !file.toString().contains("litmus"))
                    .flatMap(BarrierTableTest::registered)
                    .filter(name -> !listed.contains(name))
                    .forEach(missing::add);
        }
        assertEquals(
                Set.of(),
                missing,
                "barriers without a row in BarrierTable: name the scenario that fails"
                        + " without them, or say why none can");
    }

    @Test
    void shouldNameOnlyBarriersAndScenariosThatExist() {
        try (Check boot = new Check(Mutants.subject("lock-spin"))) {
            assertTrue(boot.machine().cpus() > 0);
            List<String> known = Barriers.names();
            for (NamedBarrier row : BarrierTable.all()) {
                assertTrue(known.contains(row.name()), row.name());
                Matcher killer = Pattern.compile("[^/]+").matcher(row.killer());
                assertTrue(!row.covered() || killer.find() && Scenarios.byName(killer.group()) != null, row.killer());
                assertFalse(row.place().isEmpty());
            }
        }
    }

    private static NamedBarrier row(String name) {
        return BarrierTable.all().stream()
                .filter(one -> one.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ticket.LOCK:acquire",
                "tas.UNLOCK:release",
                "bitlock.UNLOCK:release",
                "mutex.UNLOCK:release",
                "rwsem.UP_WRITE:release",
                "sched.SLEEP_STATE",
                "seqcount.READ_RETRY",
                "call.DONE_ONE:full",
                "page_lock.UNLOCK:release",
                "rcu.ASSIGN_POINTER:release",
                "hlist_head.first:release",
                "rcu_data.len:release",
                "fault.USER_ACCESS",
                "pgtable.PUBLISH:release",
                "radix_tree.slot:release"
            })
    void shouldFailWithoutTheBarrier(String name) {
        Mutants.Fate fate = Mutants.run(row(name), 2_000, () -> 1);
        assertTrue(fate.killed() && fate.asExpected(), name);
    }

    @Test
    void shouldHoldWithEveryBarrierInPlace() {
        for (Scenario one : Orderings.all()) {
            try (Check check = new Check(Mutants.subject(one.name()))) {
                Result result = check.explore("random", 1, 60, () -> 1);
                assertEquals(Result.Verdict.UNKNOWN, result.verdict(), () -> one.name() + ": " + result.failure());
            }
        }
    }
}
