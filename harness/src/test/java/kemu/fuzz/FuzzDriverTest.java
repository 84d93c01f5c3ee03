package kemu.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fuzzer sees what it looks for, and gives the same inputs for the same seed. */
class FuzzDriverTest {
    private static final byte[] LINE = "one two\nthree 4\n".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;

    /** What takes one input. */
    private interface Taker {
        Answer take(byte[] input) throws Exception;
    }

    private List<String> violations(Taker taker, Duration longest) throws Exception {
        Target target = new Target() {
            @Override
            public byte[] input(SplittableRandom dice) {
                return LINE;
            }

            @Override
            public Answer take(byte[] input) throws Exception {
                return taker.take(input);
            }
        };
        return new Fuzz("own", target, 1, folder, longest).run(0, 1);
    }

    private void requireViolation(String expected, Taker taker) throws Exception {
        List<String> found = violations(taker, Fuzz.LONGEST);
        assertEquals(1, found.size());
        assertTrue(found.get(0).contains(expected), found.get(0));
    }

    @Test
    void shouldAcceptEveryExitCodeWithItsLine() throws Exception {
        for (int code = 0; code < 4; code++) {
            Answer answer = new Answer(code, "", code == 2 ? "kemu: no\n" : "", null);
            assertEquals(List.of(), violations(input -> answer, Fuzz.LONGEST));
        }
    }

    @Test
    void shouldFireWhenARuleIsBroken() throws Exception {
        requireViolation("exit code 70", input -> new Answer(70, "", "", null));
        requireViolation("exit code -1", input -> new Answer(-1, "", "", null));
        requireViolation("stack trace", input -> new Answer(2, "", "kemu: no\n\tat kemu.X.y(X.java:1)\n", null));
        requireViolation("stack trace", input -> new Answer(0, "\tat kemu.X.y(X.java:1)\n", "", null));
        requireViolation("not one line", input -> new Answer(2, "", "", null));
        requireViolation("not one line", input -> new Answer(2, "", "kemu: no\nkemu: no\n", null));
        requireViolation("thrown: java.lang.OutOfMemoryError", input -> {
            throw new OutOfMemoryError("Java heap space");
        });
        requireViolation("StackOverflowError", input -> deep(1));
    }

    private static Answer deep(int n) {
        return n < 0 ? Answer.TAKEN : deep(n + 1).violation() == null ? Answer.TAKEN : Answer.TAKEN;
    }

    @Test
    void shouldFireWhenThereIsNoAnswer() throws Exception {
        Duration moment = Duration.ofMillis(20);
        List<String> works = violations(
                input -> {
                    for (long n = 0; ; n++) {
                        if (n == Long.MIN_VALUE) {
                            return Answer.TAKEN;
                        }
                    }
                },
                moment);
        assertTrue(works.get(0).contains("no answer after"), works.get(0));
        List<String> waits = violations(
                input -> {
                    while (true) {
                        LockSupport.park();
                    }
                },
                moment);
        assertTrue(waits.get(0).contains("no answer after"), waits.get(0));
    }

    @Test
    void shouldKeepTheSmallestInputThatFails() throws Exception {
        String found = violations(
                        input -> new Answer(
                                new String(input, StandardCharsets.UTF_8).contains("th") ? 70 : 0, "", "", null),
                        Fuzz.LONGEST)
                .get(0);
        assertTrue(found.contains("exit code 70"), found);
        assertEquals("th", Files.readString(folder.resolve("own-1-0")));
        assertTrue(Files.readString(folder.resolve("own-1-0.txt")).startsWith("exit code 70"));
    }

    @Test
    void shouldMakeTheSameInputsFromTheSameSeed() throws IOException {
        for (Kind kind : List.of(Kind.STRACE, Kind.COMPACT, Kind.FAULTS, Kind.OPTIONS, Kind.CAMPAIGN)) {
            List<byte[]> first = inputs(kind);
            List<byte[]> second = inputs(kind);
            for (int i = 0; i < first.size(); i++) {
                assertArrayEquals(first.get(i), second.get(i), kind.name());
            }
        }
    }

    private List<byte[]> inputs(Kind kind) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Target target = kind.factory.in(folder)) {
            for (int i = 0; i < 20; i++) {
                inputs.add(target.input(new SplittableRandom(i)));
            }
        }
        return inputs;
    }
}
