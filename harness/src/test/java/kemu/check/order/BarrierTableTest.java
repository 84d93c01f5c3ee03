package kemu.check.order;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
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
import kemu.check.Scenarios;
import kemu.check.order.NamedBarrier.Fate;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;
import kemu.hw.mem.FailureKind;
import kemu.hw.order.Barriers;
import kemu.hw.order.Order;
import kemu.tidy.Repo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The table of barriers is that of the sources, and what it says of the mutants is so. */
class BarrierTableTest {
    private static final Pattern REGISTERED =
            Pattern.compile("Barriers\\s*\\.(fence|acquire|release|full)\\(\"([^\"]+)\"");

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
            Repo.sources(module)
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

    /** An acquire or release of a field of a struct, which is named after the field. */
    private static final Pattern FIELD_ORDER =
            Pattern.compile("(?:(\\w+)\\.)?([A-Z][A-Z_]+)\\.(acquire|release)\\(cpu");

    @Test
    void shouldHaveARowForEveryAcquireAndReleaseOfAField() throws ReflectiveOperationException {
        BarrierTable.load();
        Set<String> missing = new TreeSet<>();
        int found = 0;
        for (String module : List.of("hw", "rcu", "mm")) {
            for (Path source : Repo.sources(module).toList()) {
                Matcher use = FIELD_ORDER.matcher(read(source));
                while (use.find()) {
                    Object field = fieldOf(source, use.group(1), use.group(2));
                    String accessor = use.group(3) + "Order";
                    int order = (int) field.getClass().getMethod(accessor).invoke(field);
                    String name = Barriers.names().get(Order.barrier(order));
                    found++;
                    if (!Mutants.names().contains(name)) {
                        missing.add(name + " in " + source.getFileName());
                    }
                }
            }
        }
        assertEquals(Set.of(), missing);
        assertTrue(found >= 10, found + " uses only");
    }

    private static String read(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static String classOf(Path source) {
        return source.getFileName().toString().replace(".java", "");
    }

    /**
     * The constant {@code field} of {@code holder}, which is a class, one nested in that of {@code source}, or that.
     */
    private static Object fieldOf(Path source, String holder, String field) throws ReflectiveOperationException {
        String own = nameOf(source);
        String name = holder == null
                ? own
                : Stream.of("hw", "rcu", "mm")
                        .flatMap(Repo::sources)
                        .filter(file -> classOf(file).equals(holder))
                        .findFirst()
                        .map(BarrierTableTest::nameOf)
                        .orElse(own + "$" + holder);
        Field found = Class.forName(name).getDeclaredField(field);
        found.setAccessible(true);
        return found.get(null);
    }

    private static String nameOf(Path source) {
        Matcher in = Pattern.compile("package ([\\w.]+);").matcher(read(source));
        assertTrue(in.find());
        return in.group(1) + "." + classOf(source);
    }

    @Test
    void shouldNameOnlyBarriersScenariosAndClassesThatExist() {
        Set<String> classes = Stream.of("hw", "rcu", "mm")
                .flatMap(Repo::sources)
                .map(BarrierTableTest::classOf)
                .collect(Collectors.toSet());
        for (NamedBarrier row : BarrierTable.all()) {
            assertTrue(classes.contains(row.place()), row.place());
            Subject subject = Mutants.subject(row);
            assertTrue(Scenarios.byName(subject.scenario()).variants().contains(subject.variant()), row.scenario());
            assertEquals(row.fate() == Fate.KILLED, !row.kinds().isEmpty(), row.name());
            assertEquals(row.fate() == Fate.KILLED, row.reason().isEmpty(), row.name());
            assertEquals(row.fate() == Fate.INVISIBLE, !row.shows().isEmpty(), row.name());
            String word = row.fate() == Fate.REDUNDANT ? "REDUNDANT: " : "INVISIBLE HERE: ";
            assertTrue(row.verdict().startsWith(row.fate() == Fate.KILLED ? "killed by " : word), row.verdict());
        }
    }

    private static List<NamedBarrier> rows() {
        return BarrierTable.all();
    }

    /** Killed so late that only {@link #shouldDoWhatTheTableSaysInTheLongRun} waits for it. */
    private static final Set<String> LATE = Set.of(
            "mutex.HAND_OVER:full",
            "seqcount.WRITE_END",
            "cpu_area.user_access_mm:release",
            "page._count:release",
            "vm_area_struct.anon_vma:release");

    @ParameterizedTest
    @MethodSource("rows")
    void shouldDoWhatTheTableSays(NamedBarrier row) {
        Mutants.Fate fate = Mutants.run(row, row.needed() ? 600 : 60, () -> 1);
        assertTrue(fate.reached(), "no execution met it");
        if (LATE.contains(row.name())) {
            assertFalse(fate.killed() && !fate.asExpected(), () -> String.valueOf(fate.judgement()));
        } else {
            assertTrue(fate.asExpected(), () -> fate.judgement() + " instead of " + row.verdict());
        }
    }

    @Tag("regress")
    @ParameterizedTest
    @MethodSource("rows")
    void shouldDoWhatTheTableSaysInTheLongRun(NamedBarrier row) {
        Mutants.Fate fate = Mutants.run(row, 20_000, () -> 1);
        assertTrue(fate.asExpected(), () -> fate.judgement() + " instead of " + row.verdict());
    }

    /** The table's words are not believed: what would be said of a row that is wrong. */
    @Test
    void shouldNotAcceptAWrongRow() {
        NamedBarrier harmless = NamedBarrier.redundant("ticket.LOCK:acquire", "TicketSpinLocks", "lock-spin", "no");
        assertFalse(Mutants.run(harmless, 60, () -> 1).asExpected());
        NamedBarrier otherwise =
                NamedBarrier.killed("ticket.LOCK:acquire", "TicketSpinLocks", "lock-spin", FailureKind.HANG);
        assertFalse(Mutants.run(otherwise, 60, () -> 1).asExpected());
        NamedBarrier elsewhere = NamedBarrier.redundant("mutex.LOCK:acquire", "Mutex", "lock-spin", "never met");
        Mutants.Fate fate = Mutants.run(elsewhere, 60, () -> 1);
        assertFalse(fate.reached());
        assertFalse(fate.asExpected());
    }

    @Test
    void shouldHoldOnAlphaWithTheBarrierThatItNeeds() {
        NamedBarrier row = rows().stream()
                .filter(one -> one.model() == MemoryModel.ALPHA)
                .findFirst()
                .orElseThrow();
        try (Check check = new Check(Mutants.subject(row))) {
            Result result = check.explore(row.search(), 1, 500, () -> 1);
            assertEquals(Result.Verdict.UNKNOWN, result.verdict(), () -> String.valueOf(result.failure()));
        }
    }

    @Test
    void shouldHoldWithEveryBarrierInPlace() {
        for (Scenario one : Orderings.all()) {
            try (Check check = new Check(Subject.of(one.name(), "kernel", MemoryModel.WEAK))) {
                Result result = check.explore("random", 1, 60, () -> 1);
                assertEquals(Result.Verdict.UNKNOWN, result.verdict(), () -> one.name() + ": " + result.failure());
            }
        }
    }
}
