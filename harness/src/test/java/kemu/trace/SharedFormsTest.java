package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.stat.TraceStat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One small build recorded in ten forms: the counts of its README, and that it is one program. */
class SharedFormsTest {
    private static Trace load(String name) throws TraceException {
        // The prefix k-ff/demo is no file: only its folder can be looked for.
        boolean prefix = name.endsWith("/demo");
        Path found = Shared.trace("forms/" + (prefix ? name.substring(0, name.indexOf('/')) : name));
        return Traces.load(prefix ? found.resolve("demo") : found, LoadOptions.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a-f-plain.strace; 5;2;5;6;1;0; -f no times, pids in column 1, 64-bit x86",
                "c-f-tt.strace; 14;2;13;15;1;0; -f -tt, pids in column 1, 64-bit x86",
                "d-f-r.strace; 14;2;13;15;1;0; -f -r, pids in column 1, 64-bit x86",
                "e-f-ttt-T.strace; 14;2;13;15;1;0; -f -ttt -T, pids in column 1, 64-bit x86",
                "g-f-ttt-yy-xx.strace; 14;2;13;15;1;0; -f -ttt -y -x, pids in column 1, 64-bit x86",
                "j-f-terminal.strace; 14;2;13;15;1;0; -f no times, pids in brackets, 64-bit x86",
                "k-ff; 14;2;13;15;1;0; -ff -ttt, a file for every task, 64-bit x86",
                "k-ff/demo; 14;2;13;15;1;0; -ff -ttt, a file for every task, 64-bit x86",
                "m-attach.strace; 11;0;5;9;0;0; -f -ttt, pids in column 1, 64-bit x86",
                "p-no-f.strace; 1;0;1;1;0;7; no -f -ttt, no pids, 64-bit x86",
                "q-f-tt-midnight.strace; 14;2;13;15;1;0; -f -tt, pids in column 1, 64-bit x86"
            })
    void shouldCountWhatTheLogHoldsWhenReadInItsForm(
            String name, long processes, long threads, long execs, long exits, long kills, long lineless, String form)
            throws TraceException {
        Trace t = load(name);
        TraceStat s = TraceStat.of(t);
        assertEquals(
                List.of(processes, threads, execs, exits, kills),
                List.of(s.recordedProcesses(), s.recordedThreads(), s.execs(), s.exits(), s.kills()));
        assertEquals(lineless, t.procCount() - processes - threads);
        assertEquals(1, t.rootCount());
        assertEquals(form, t.form().text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "d-f-r.strace",
                "e-f-ttt-T.strace",
                "g-f-ttt-yy-xx.strace",
                "j-f-terminal.strace",
                "k-ff",
                "q-f-tt-midnight.strace"
            })
    void shouldBeTheSameProgramWhateverTheForm(String name) throws TraceException {
        assertEquals(String.join("\n", Likeness.of(load("c-f-tt.strace"))), String.join("\n", Likeness.of(load(name))));
    }

    @Test
    void shouldKeepGapsWhenMidnightPasses() throws TraceException {
        Trace day = load("c-f-tt.strace");
        Trace night = load("q-f-tt-midnight.strace");
        for (int i = 0; i < day.procCount(); i++) {
            assertEquals(day.proc(i), night.proc(i));
        }
        assertTrue(day.proc(0).endMicros() > 100_000);
    }

    @Test
    void shouldSayWhatIsLackingWhenLogIsPartial() throws TraceException {
        assertEquals(
                List.of("7 processes without lines", "page faults (medians taken)"),
                load("p-no-f.strace").form().lacks());
        assertEquals(
                List.of("1 root that was attached", "page faults (medians taken)"),
                load("m-attach.strace").form().lacks());
        assertEquals(
                List.of("times", "page faults (medians taken)"),
                load("a-f-plain.strace").form().lacks());
    }

    @Test
    void shouldSumDistancesWhenTimesAreRelative() throws TraceException {
        Trace t = load("d-f-r.strace");
        assertEquals(119_498, t.proc(0).endMicros(), "the sum of the second column in microseconds");
    }
}
