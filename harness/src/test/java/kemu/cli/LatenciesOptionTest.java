package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import kemu.results.JsonTree;
import kemu.results.RunResults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that measures no latencies does the same work, has none, and can be reported. */
class LatenciesOptionTest {
    @TempDir
    private Path folder;

    private Map<String, Object> run(String latencies) throws IOException {
        Path out = folder.resolve(latencies);
        assertEquals(
                0,
                InProcess.execute("run", "forkstorm", "--processes", "50", "--latencies", latencies, "--out", "" + out)
                        .code());
        assertEquals(0, InProcess.execute("report", "" + out).code());
        return JsonTree.object(Files.readString(out.resolve(RunResults.JSON)));
    }

    @Test
    void shouldLeaveNoneIfOff() throws IOException {
        Map<String, Object> on = run("on");
        Map<String, Object> off = run("off");
        Set<?> measured = ((Map<?, ?>) on.get("latencies_ns")).keySet();
        assertTrue(measured.contains("fork") && measured.contains("fault_anon"), measured::toString);
        Set<String> ofTheHost = Set.of("host_pause", "in_host_pause");
        Set<?> left = ((Map<?, ?>) off.get("latencies_ns")).keySet();
        assertTrue(ofTheHost.containsAll(left), left::toString);
        assertEquals("off", off.get("latencies"));
        assertEquals(on.get("forks"), off.get("forks"));
    }

    @Test
    void shouldSayWhatIsAllowed() {
        for (String[] words : new String[][] {{"some"}, {"off", "--perfetto", "" + folder.resolve("trace.json")}}) {
            String[] all = new String[3 + words.length];
            System.arraycopy(new String[] {"run", "kbuild", "--latencies"}, 0, all, 0, 3);
            System.arraycopy(words, 0, all, 3, words.length);
            InProcess.Said ended = InProcess.execute(all);
            assertEquals(2, ended.code());
            assertTrue(ended.err().startsWith("kemu: --latencies: "), ended.err());
        }
    }
}
