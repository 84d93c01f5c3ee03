package kemu.soak.live;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlierTest {
    private static final String START = "{\"elapsed_ms\":0,\"event\":\"start\",\"schema\":2,\"time_ms\":5000,"
            + "\"workload\":\"kbuild\",\"arguments\":[\"run\",\"kbuild\"]}\n";

    @TempDir
    private Path folder;

    private Earlier read(String text) throws IOException {
        return Earlier.read(Files.writeString(folder.resolve("counters.jsonl"), text));
    }

    @Test
    void shouldAddUpEpochsAndLeaveGapsOut() throws IOException {
        Earlier earlier = read(START
                + "{\"elapsed_ms\":10000,\"oom_kill\":1,\"objects\":{\"anon_vma\":3}}\n"
                + "{\"elapsed_ms\":20000,\"oom_kill\":2,\"objects\":{\"anon_vma\":4}}\n"
                + "{\"elapsed_ms\":21000,\"event\":\"host_pause\",\"ms\":60}\n"
                + "{\"elapsed_ms\":50000,\"event\":\"resume\",\"gap_ms\":29000,\"epoch\":1,\"seed\":2}\n"
                + "{\"elapsed_ms\":60000,\"oom_kill\":5,\"objects\":{\"anon_vma\":4}}\n"
                + "{\"elapsed_ms\":70000,\"oom_ki");
        assertEquals(2, earlier.epochs());
        assertEquals(5_000, earlier.firstMillis());
        assertEquals(60_000, earlier.lastMillis());
        assertEquals(31_000, earlier.recordedMillis());
        assertEquals(7, earlier.count("oom_kill"));
        assertEquals(0, earlier.count("anon_vma"));
        assertEquals(List.of("run", "kbuild"), earlier.arguments());
    }

    @Test
    void shouldRefuseWhatIsNoRecordOfARun() {
        for (String text : List.of("", "{\"elapsed_ms\":1}\n", "x\ny\n", START.replace(":2,", ":1,"))) {
            String message = assertThrows(IOException.class, () -> read(text)).getMessage();
            assertTrue(message.startsWith("counters.jsonl "), message);
        }
    }
}
