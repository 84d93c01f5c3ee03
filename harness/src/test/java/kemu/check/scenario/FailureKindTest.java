package kemu.check.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.KernelOops;
import kemu.tidy.Repo;
import kemu.tidy.Shipped;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureKindTest {
    private static final JavaClasses SHIPPED = Shipped.classes();

    /** Raised nowhere in code that is shipped, and why it exists. */
    private static final Set<FailureKind> NOT_RAISED = EnumSet.of(
            // What a plugin's bug is of that does not say it.
            FailureKind.UNKNOWN_BUG,
            // An AssertionError of a plugin's scenario.
            FailureKind.CONDITION);

    /** A word that is looked for in what a failure says. */
    private static final Pattern WORDS_READ =
            Pattern.compile("getMessage\\(\\)[\\s)]*\\.\\s*(contains|startsWith|endsWith|indexOf|matches|equals"
                    + "|replaceFirst)\\(\\s*\"");

    /** Where it is a library that fails, whose mistakes of usage are said again in other words. */
    private static final Set<String> WORDS_OF_LIBRARIES = Set.of("Verbs.java");

    /** Places in {@code code} that raise a bug and do not say of what kind it is. */
    private static Set<String> unsaid(Stream<JavaClass> code) {
        return code.flatMap(owner -> owner.getConstructorCallsFromSelf().stream())
                .filter(call -> call.getTarget().getOwner().isEquivalentTo(KernelBug.class))
                .filter(call -> call.getTarget().getRawParameterTypes().size() == 1)
                .map(JavaConstructorCall::getOriginOwner)
                .map(JavaClass::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void shouldBeSaidWhereverTheKernelOrAnOracleRaisesABug() {
        assertTrue(SHIPPED.contain(KernelBug.class) && SHIPPED.contain(Violation.class), "classes to look at");
        assertEquals(Set.of(), unsaid(SHIPPED.stream()));
        assertEquals(
                Set.of(FailureKindTest.class.getName()),
                unsaid(new ClassFileImporter().importClasses(FailureKindTest.class).stream()),
                "where this test does it");
    }

    /** What expects failures speaks of kinds, too; it makes no bug. */
    private static boolean raises(JavaClass code) {
        return !code.getPackageName().startsWith("kemu.check")
                || code.getConstructorCallsFromSelf().stream()
                        .anyMatch(call -> call.getTarget().getOwner().isAssignableTo(KernelBug.class));
    }

    @Test
    void shouldBeRaisedSomewhere() {
        Set<FailureKind> raised = EnumSet.noneOf(FailureKind.class);
        SHIPPED.stream()
                .filter(FailureKindTest::raises)
                .filter(code -> !code.isEquivalentTo(FailureKind.class) && !code.isEquivalentTo(KernelBug.class))
                .flatMap(code -> code.getFieldAccessesFromSelf().stream())
                .filter(access -> access.getTarget().getOwner().isEquivalentTo(FailureKind.class))
                .forEach(access ->
                        raised.add(FailureKind.valueOf(access.getTarget().getName())));
        assertEquals(EnumSet.complementOf(EnumSet.copyOf(NOT_RAISED)), raised);
    }

    /** Files among {@code sources} that look for words in what a failure says; whole messages may be compared. */
    private static Set<String> readers(Stream<Path> sources) {
        return sources.filter(source -> WORDS_READ.matcher(text(source)).find())
                .map(source -> source.getFileName().toString())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String text(Path source) {
        try {
            return Files.readString(source);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void shouldBeReadFromNoMessage(@TempDir Path folder) throws IOException {
        Set<String> found = new TreeSet<>();
        for (String module : List.of("hw", "rcu", "mm", "harness")) {
            found.addAll(readers(Repo.sources(module)));
        }
        assertEquals(WORDS_OF_LIBRARIES, found);
        Path wrong = folder.resolve("Wrong.java");
        Files.writeString(wrong, "return String.valueOf(bug.getMessage()).startsWith(\"BUG\") ? HANG : LEAK;");
        assertEquals(Set.of("Wrong.java"), readers(Stream.of(wrong)));
    }

    @Test
    void shouldBeWhatIsSaidAndNotWhatTheMessageSays() {
        String words = "BUG: KCSAN: data-race, it says";
        assertEquals(FailureKind.LEAK, FailureKind.of(new KernelBug(FailureKind.LEAK, words)));
        assertEquals(FailureKind.LEAK, FailureKind.of(new Violation(FailureKind.LEAK, words)));
        assertEquals(FailureKind.WILD_ACCESS, FailureKind.of(new KernelOops(words, 8)));
        assertEquals(FailureKind.CONDITION, FailureKind.of(new AssertionError(words)));
        assertEquals(FailureKind.UNKNOWN_BUG, FailureKind.of(new KernelBug(words)), "of a plugin that says nothing");
    }

    @Test
    void shouldExpectNoFailureOfUnknownKind() {
        assertThrows(IllegalArgumentException.class, () -> Expectation.fails(FailureKind.UNKNOWN_BUG));
    }

    @Test
    void shouldHaveAWordOfItsOwnForEveryKind() {
        assertEquals(
                FailureKind.values().length,
                Arrays.stream(FailureKind.values())
                        .map(FailureKind::word)
                        .distinct()
                        .count());
        for (FailureKind kind : FailureKind.values()) {
            assertEquals(kind, FailureKind.byWord(kind.word()));
            assertNotEquals("", kind.word());
        }
    }
}
