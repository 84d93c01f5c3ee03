package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.stat.TraceStat;
import kemu.trace.strace.Remarks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One small made-up build in every form that strace writes: it is the same program. */
class StraceFormsTest {
    private static final FormWriter BUILD = new FormWriter(SmallBuild.LOG);

    @TempDir
    private Path folder;

    private static Trace plan(String log) throws TraceException {
        return Logs.planTimed(log, false);
    }

    private static void assertSame(Trace t) throws TraceException {
        assertEquals(String.join("\n", Likeness.of(plan(SmallBuild.LOG))), String.join("\n", Likeness.of(t)));
        TraceStat s = TraceStat.of(t);
        assertEquals(
                List.of(5L, 1L, 4L, 5L, 1L),
                List.of(s.recordedProcesses(), s.recordedThreads(), s.execs(), s.exits(), s.kills()));
    }

    static Stream<Arguments> forms() {
        return Stream.of(
                Arguments.of("-f no times, pids in column 1, 64-bit x86", BUILD.noTimes()),
                Arguments.of("-f -t, pids in column 1, 64-bit x86", BUILD.t(0)),
                Arguments.of("-f -tt, pids in column 1, 64-bit x86", BUILD.tt(0)),
                Arguments.of("-f -r, pids in column 1, 64-bit x86", BUILD.r(6)),
                Arguments.of("-f -r, pids in column 1, 64-bit x86", BUILD.r(9)),
                Arguments.of("-f -tt -r, pids in column 1, 64-bit x86", BUILD.ttr()),
                Arguments.of("-f -ttt, pids in column 1, 64-bit x86", BUILD.nanoseconds()),
                Arguments.of("-f -ttt, pids in column 1, 64-bit x86", BUILD.wholeSeconds()),
                Arguments.of("-f -tt -T -n -i -Y, pids in column 1, 64-bit x86", BUILD.decorated()),
                Arguments.of("-f no times -k, pids in column 1, 64-bit x86", BUILD.stacks()),
                Arguments.of("-f no times, pids in column 1, 64-bit x86", BUILD.crlf()),
                Arguments.of("-f -tt -y -x, pids in column 1, 64-bit x86", BUILD.hexadecimal()),
                Arguments.of("-f no times, pids in column 1, 64-bit x86", BUILD.old()),
                Arguments.of("-f no times, pids in column 1, 64-bit x86", BUILD.withoutEnds()),
                Arguments.of("-f no times, pids in column 1, 64-bit x86", BUILD.raw()),
                Arguments.of("-f -ttt, pids in column 1, 64-bit x86", BUILD.merged()),
                Arguments.of("-f no times, pids in brackets, 64-bit x86", BUILD.terminal(0, false)),
                Arguments.of("-f no times, pids in brackets, 64-bit x86", BUILD.terminal(1, false)),
                Arguments.of("-f no times, pids in brackets, 64-bit x86", BUILD.terminal(2, false)),
                Arguments.of("-f no times, pids in brackets, 64-bit x86", BUILD.terminal(1, true)),
                Arguments.of("-f no times, pids in brackets, 64-bit x86", BUILD.terminal(2, true)));
    }

    @ParameterizedTest
    @MethodSource("forms")
    void shouldBeTheSameProgramWhateverTheForm(String form, String log) throws TraceException {
        Trace t = plan(log);
        assertSame(t);
        assertEquals(form, t.form().text());
        assertEquals(log.contains("warning:") || log.contains("***"), t.notes().count(Remarks.FOREIGN) > 0);
    }

    @Test
    void shouldTellProgramsApartWhenOneNumberDiffers() throws TraceException {
        List<String> as = Likeness.of(plan(SmallBuild.LOG));
        for (String[] change : new String[][] {
            {"1581056", "1581057000"},
            {"exited with 3", "exited with 4"},
            {"brk(0x555557042000) = 0x555557042000", "brk(0x555557043000) = 0x555557043000"},
            {"./fault\", [", "./other\", ["},
            {
                "502 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID",
                "502 clone(child_stack=NULL, flags=CLONE_VM|CLONE_VFORK"
            }
        }) {
            String other = SmallBuild.LOG
                    .lines()
                    .map(l -> l.replaceFirst("^(\\d+) +\\S+ ", "$1 ").replace(change[0], change[1]))
                    .reduce("", (a, b) -> a + b + "\n");
            assertNotEquals(as, Likeness.of(plan(other)), change[0]);
        }
    }

    @Test
    void shouldFollowCausesWhenEveryTaskHasItsFile() throws Exception {
        for (boolean times : new boolean[] {true, false}) {
            Path dir = Files.createDirectory(folder.resolve("ff" + times));
            for (var e : BUILD.files(times).entrySet()) {
                Files.writeString(dir.resolve("log." + e.getKey()), e.getValue());
            }
            Files.writeString(dir.resolve("readme"), "not a log");
            assertSame(Traces.load(dir, LoadOptions.DEFAULT));
            assertSame(Traces.load(dir.resolve("log"), LoadOptions.DEFAULT));
            Files.writeString(dir.resolve("other.7"), "");
            TraceException two = org.junit.jupiter.api.Assertions.assertThrows(
                    TraceException.class, () -> Traces.load(dir, LoadOptions.DEFAULT));
            assertEquals(dir + ": holds 2 recordings (log, other): name one, as FOLDER/NAME", two.getMessage());
        }
    }

    @Test
    void shouldGoOnTheNextDayWhenMidnightPasses() throws TraceException {
        // The log begins at 22:13:20; with this shift its last microseconds fall behind midnight.
        String night = BUILD.tt(6399).replaceAll("(?m)^(\\d+ +)23:59:59\\.0000([3-9])", "$100:00:00.0000$2");
        assertTrue(night.contains("23:59:59") && night.contains("00:00:00"), night);
        Trace t = plan(night);
        assertSame(t);
        assertTrue(
                t.proc(0).endMicros() < 2_000_000 && t.proc(0).endMicros() > 0,
                "" + t.proc(0).endMicros());
    }

    @Test
    void shouldReadStandardInputWhenNamedDash() throws TraceException {
        InputStream before = System.in;
        try {
            System.setIn(new ByteArrayInputStream(BUILD.noTimes().getBytes(StandardCharsets.ISO_8859_1)));
            Trace t = Traces.load(Path.of("-"), LoadOptions.DEFAULT);
            assertSame(t);
            assertEquals("standard input", t.source());
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void shouldReplayWhateverIsLeftWhenLogIsCutAnywhere() throws TraceException {
        String[] forms = {SmallBuild.LOG, BUILD.noTimes(), BUILD.terminal(1, true), BUILD.old(), BUILD.r(6)};
        for (String log : forms) {
            String[] lines = log.split("\n");
            for (int from = 0; from < lines.length - 4; from += 3) {
                for (int to = lines.length; to > from + 4; to -= 5) {
                    String part = String.join("\n", List.of(lines).subList(from, to)) + "\n";
                    int cut = from % 2 == 0 ? part.length() : part.length() - 7;
                    Trace t;
                    try {
                        t = plan(part.substring(0, cut));
                    } catch (TraceException e) {
                        assertTrue(e.getMessage().contains("no call in it that can be replayed"), e.getMessage());
                        continue;
                    }
                    assertEquals(t.plannedFaults(), ModelReplay.run(t, 1), from + ".." + to);
                }
            }
        }
    }
}
