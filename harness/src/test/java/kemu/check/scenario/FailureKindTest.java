package kemu.check.scenario;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.KernelOops;
import kemu.tidy.Repo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureKindTest {
    /** The first literal of what a bug says, wherever its message is put together in one place. */
    private static final Pattern SAID =
            Pattern.compile("(?:new KernelBug|\\bbug|\\badd)\\(\\s*(\"(?:[^\"\\\\]|\\\\.)*\"[^;]*);");

    private static final Pattern LITERAL = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** Where a variable says what it is, one of several: each is tried in another test. */
    private static final Set<String> VARIABLE = Set.of(
            "BUG : ",
            "BUG:  on CPU#, pid : ",
            "BUG: KASAN:  in ",
            "BUG: rmap: , seen on cpu ",
            "BUG: spinlock  on CPU#, pid ");

    /** What {@code source} says of bugs, its literals joined: variables stand for nothing. */
    private static Stream<String> said(Path source) {
        try {
            Matcher bug = SAID.matcher(Files.readString(source));
            return bug.results().map(found -> {
                StringBuilder words = new StringBuilder();
                LITERAL.matcher(found.group(1)).results().forEach(part -> words.append(part.group(1)));
                return words.toString();
            });
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    @Test
    void shouldKnowTheKindOfEverythingThatTheKernelSays() {
        Set<String> unknown = new TreeSet<>();
        int[] seen = new int[1];
        for (String module : List.of("hw", "rcu", "mm")) {
            Repo.sources(module)
                    .flatMap(FailureKindTest::said)
                    .filter(words ->
                            words.startsWith("BUG") || words.startsWith("WARNING") || words.startsWith("Kernel"))
                    .peek(words -> seen[0]++)
                    .map(words -> words.split("\\\\n")[0])
                    .filter(head -> FailureWords.kindOf(head) == FailureKind.UNKNOWN_BUG)
                    .filter(head -> VARIABLE.stream().noneMatch(head::startsWith))
                    .forEach(unknown::add);
        }
        assertTrue(seen[0] > 40, "messages found: " + seen[0]);
        assertEquals(Set.of(), unknown, "what the kernel says without a row in FailureWords");
    }

    @ParameterizedTest
    @CsvSource({
        "BUG: KASAN: slab-use-after-free in f, USE_AFTER_FREE",
        "BUG: spinlock wrong owner on CPU#0, BAD_UNLOCK",
        "BUG: rmap: anon_vma 0x1 is freed while it is the root of anon_vma 0x2 (I8), RMAP_I8",
        "INFO: tasks and locks of the machine:, HANG",
        "BUG x: Object already free, DOUBLE_FREE",
        "BUG x: Freelist corrupt, CORRUPTION",
        "BUG x: Invalid object pointer, INVALID_FREE",
        "BUG x: Object is on no slab of this cache, INVALID_FREE",
        "BUG: unlock of a page that is not locked on CPU#0, BAD_UNLOCK",
        "BUG: end of writeback of a page that is not written on CPU#0, BAD_PAGE_STATE",
        "BUG: KASAN: use-after-free in f, USE_AFTER_FREE",
        "BUG: KASAN: slab-use-before-allocation in f, USE_BEFORE_ALLOCATION",
        "BUG: KASAN: type-confusion in f, TYPE_CONFUSION",
        "BUG: KASAN: slab-out-of-bounds in f, OUT_OF_BOUNDS",
        "BUG: KASAN: invalid-free in f, INVALID_FREE",
        "BUG: KASAN: double-free in f, DOUBLE_FREE",
        "BUG: spinlock already unlocked on CPU#0, BAD_UNLOCK",
        "BUG: spinlock bad magic on CPU#0, LOCK_WIPED",
        "BUG: spinlock recursion on CPU#0, HANG",
        "BUG: rmap: anon_vma 0x1 has lost its last VMA while page 0x2 is mapped (I1), RMAP_I1",
        "BUG: rmap: page 0x1 mapped in vma 0x2 is not on the chain of the vma (I3), RMAP_I3",
        "BUG: something that no row knows, UNKNOWN_BUG"
    })
    void shouldTellKindsByTheFirstLine(String message, FailureKind expected) {
        assertEquals(expected, FailureKind.of(new KernelBug(message + "\nBUG: KCSAN: data-race, further down")));
    }

    @Test
    void shouldTakeAnOopsForAWildAccessAndAViolationAtItsWord() {
        assertEquals(FailureKind.WILD_ACCESS, FailureKind.of(new KernelOops("BUG: NULL read at 0x8", 8)));
        assertEquals(
                FailureKind.LEAK, FailureKind.of(new Violation(FailureKind.LEAK, "BUG: KCSAN: data-race, it says")));
        assertEquals(FailureKind.CONDITION, FailureKind.of(new AssertionError("expected 1")));
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
