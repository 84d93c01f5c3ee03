package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import kemu.trace.model.Op;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.store.TraceFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Files that are traces in any accepted form, and files that are not. */
class TraceInputTest {
    private static final String GOOD = Logs.timed("""
            10 execve("/bin/sh", ["sh"], 0x7ffc /* 35 vars */) = 0
            10 brk(NULL)       = 0x555555600000
            10 exit_group(0)   = ?
            10 +++ exited with 0 +++
            """);

    @TempDir
    private Path folder;

    private Path file(String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content);
    }

    private Path file(String name, String content) throws IOException {
        return file(name, content.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static byte[] xz(String s) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new XZOutputStream(bytes, new LZMA2Options(0))) {
            out.write(s.getBytes(StandardCharsets.ISO_8859_1));
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(String s) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(s.getBytes(StandardCharsets.ISO_8859_1));
        }
        return bytes.toByteArray();
    }

    private String refusal(Path file) {
        return refusal(file, LoadOptions.DEFAULT);
    }

    private String refusal(Path file, LoadOptions options) {
        TraceException e = assertThrows(TraceException.class, () -> Traces.load(file, options));
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        return e.getMessage().replace(folder.toString() + "/", "");
    }

    @Test
    void shouldReadTheSameWhenPlainGzipOrXz() throws Exception {
        Trace plain = Traces.load(file("a.strace", GOOD), LoadOptions.DEFAULT);
        assertEquals(1, plain.procCount());
        assertEquals(plain, Traces.load(file("a.strace.gz", gzip(GOOD)), LoadOptions.DEFAULT));
        assertEquals(plain, Traces.load(file("a.strace.xz", xz(GOOD)), LoadOptions.DEFAULT));
        assertEquals(plain, Traces.load(file("no-suffix", xz(GOOD)), LoadOptions.DEFAULT));
    }

    @Test
    void shouldSayWhyWhenFileIsNoLog() throws IOException {
        assertEquals("gone: no such file", refusal(folder.resolve("gone")));
        Files.createDirectory(folder.resolve("dir"));
        assertEquals(
                "dir: is a directory without files NAME.PID (strace -ff -o NAME writes them)",
                refusal(folder.resolve("dir")));
        assertEquals("empty:1: empty file", refusal(file("empty", "")));
        assertEquals("p.xz:1: named .xz but not xz inside", refusal(file("p.xz", GOOD)));
        assertEquals("x.gz:1: named .gz but not gzip inside", refusal(file("x.gz", xz(GOOD))));
        assertEquals("b:1: compressed with bzip2, only gzip and xz are read", refusal(file("b", "BZh91AY&SY......")));
        byte[] noise = new byte[3000];
        new Random(1).nextBytes(noise);
        String record = "; record with: strace -f -ttt -o log make";
        assertTrue(refusal(file("noise", noise)).matches("noise:\\d+: no line of strace in it" + record));
        assertEquals("ws:1: no line of strace in it" + record, refusal(file("ws", "\n")));
        assertEquals(
                "reads:1: no call in it that can be replayed (clone, execve, wait4, mmap, brk, ...)" + record,
                refusal(file("reads", "10 read(0, \"x\", 1) = 1\n")));
        assertEquals("sum:4: summary of strace -c without calls" + record, refusal(file("sum", """
                        % time     seconds  usecs/call     calls    errors syscall
                        ------ ----------- ----------- --------- --------- ----------------
                         40.00    0.000400          10        40           mmap
                        100.00    0.001000          10       100           total
                        """)));
    }

    @Test
    void shouldNameTheLineWhenCompressedDataIsCutOff() throws IOException {
        String lines = GOOD.repeat(2000);
        byte[] xz = xz(lines);
        assertTrue(refusal(file("cut.xz", Arrays.copyOf(xz, xz.length / 2))).matches("cut.xz:\\d+: .*cut off.*"));
        byte[] gz = gzip(lines);
        assertTrue(refusal(file("cut.gz", Arrays.copyOf(gz, gz.length / 2))).matches("cut.gz:\\d+: .*cut off.*"));
        byte[] broken = xz.clone();
        Arrays.fill(broken, broken.length / 2, broken.length / 2 + 20, (byte) 0x55);
        assertTrue(refusal(file("broken.xz", broken)).matches("broken.xz:\\d+: cannot be read: .*"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "10 1700000000.000009 brk(NULL); call without a result",
                "10 1700000000.000009 brk(NULL) = 0x; bad result",
                "10 1700000000.000009 brk(NULL) = 0x7f5g; bad result",
                "10 1700000000.000009 brk(NULL = 0x55; call without a result",
                "10 1700000000.000009 mmap(NULL, x, PROT_READ, MAP_PRIVATE, 4, 0) = 0x7f0000000000; bad length in mmap",
                "10 1700000000.000009 mmap(NULL, 9, READ, MAP_PRIVATE, 4, 0) = 0x7f0000000000; bad protection",
                "10 1700000000.000009 mmap(NULL, 9, PROT_READ, PRIVATE, 4, 0) = 0x7f0000000000; bad mmap flags",
                "10 1700000000.000009 mmap(NULL, 9, PROT_READ, MAP_PRIVATE, 4) = 0x7f0000000000; argument missing",
                "9 1700.000009 mmap(NULL, 9, PROT_NONE, MAP_FIXED, 4, 0) = 0x7f01; mmap result is not page aligned",
                "10 1700000000.000009 munmap(0x10, 4096) = 0; munmap address is not page aligned",
                "10 1700000000.000009 munmap(0x1000, 4096) = -1; failure without an errno name",
                "10 1700000000.000009 clone(child_stack=NULL) = 11; clone without flags",
                "10 1700000000.000009 execve(/bin/sh) = 0; execve without a quoted path",
                "10 1700000000.000009 <... brk resumed>) = 0x55; resumed without unfinished",
                "10 1700000000.000009 +++ exited with +++; bad exit status",
                "10 1700000000.000009 +++ exited with 0; exit line is cut off",
                "10 1700000000.000009 +++ vanished +++; neither exited nor killed",
                "10 1700000000.000009 --- SIGCHLD {si_signo=SIG; signal line is cut off",
                "10 1700000000.000009 what is this; 'neither a call, a signal nor an exit'"
            })
    void shouldNameLineAndReasonWhenLineIsMalformed(String line, String reason) throws Exception {
        String[] lines = GOOD.split("\n");
        String bad = lines[0] + "\n" + lines[1] + "\n" + line + "\n" + lines[2] + "\n" + lines[3] + "\n";
        Path file = file("bad.strace", bad);
        assertEquals("bad.strace:3: " + reason, refusal(file));
        Trace skipped = Traces.load(file, new LoadOptions(null, true));
        assertEquals(1, skipped.notes().count("skipped: " + reason));
        assertFalse(skipped.procCount() == 0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"hello", "10", "10 170", "10 brk(NULL) = 0x1", "0 1700000000.000009 brk(NULL) = 0x1", "(x)"})
    void shouldSkipAndCountWhenTextStandsBetweenLines(String text) throws Exception {
        String[] lines = GOOD.split("\n");
        Path file = file("t", lines[0] + "\n" + text + "\n" + lines[1] + "\n" + lines[2] + "\n" + lines[3] + "\n");
        Trace t = Traces.load(file, LoadOptions.DEFAULT);
        assertEquals(1, t.notes().count("skipped: text that is not strace's, between lines or inside them"));
        assertEquals(
                Traces.load(file("good", GOOD), LoadOptions.DEFAULT).proc(0).program(),
                t.proc(0).program());
    }

    @Test
    void shouldEndWhatRunsWhenLogIsCutOff() throws Exception {
        String cut = GOOD.substring(0, GOOD.length() - 9);
        Trace t = Traces.load(file("t", cut), LoadOptions.DEFAULT);
        assertEquals(1, t.notes().count("last line is cut off"));
        assertEquals(Op.EXIT, t.proc(0).program().op(t.proc(0).program().size() - 1));
        assertEquals(0, t.notes().count("still running at the end of the log: ended there"), "it had called exit");
        String early = GOOD.substring(0, GOOD.indexOf("10 ", 80));
        Trace u = Traces.load(file("u", early), LoadOptions.DEFAULT);
        assertEquals(1, u.notes().count("still running at the end of the log: ended there"));
    }

    @Test
    void shouldTakeFaultsFromTableWhenGiven() throws Exception {
        Path log = file("log", GOOD);
        Path table = file("f.tsv", "#pid\tfirst_line_ms\tminflt\n10\t500.0\t999\n10\t0.001\t17\n");
        assertEquals(17, Traces.load(log, new LoadOptions(table, false)).plannedFaults());
        assertEquals(69, Traces.load(log, LoadOptions.DEFAULT).plannedFaults(), "median of sh");
        Path many = file("m.tsv", "pid\tminflt\n10\t100000\n");
        Trace short_ = Traces.load(log, new LoadOptions(many, false));
        assertEquals(100000, short_.plannedFaults() + short_.notes().count("faults without memory to take them in"));
        assertEquals(short_.plannedFaults(), ModelReplay.run(short_, 3));
    }

    @Test
    void shouldNameTheRowWhenFaultsTableIsMalformed() throws IOException {
        Path log = file("log", GOOD);
        assertEquals(
                "h.tsv:1: faults table needs tab-separated columns named pid and minflt",
                refusal(log, new LoadOptions(file("h.tsv", "a\tb\n"), false)));
        assertEquals(
                "r.tsv:2: row with 1 columns of 2 or a bad number",
                refusal(log, new LoadOptions(file("r.tsv", "pid\tminflt\n10\n"), false)));
        assertEquals(
                "n.tsv:3: row with 2 columns of 2 or a bad number",
                refusal(log, new LoadOptions(file("n.tsv", "pid\tminflt\n10\t1\n11\t-4\n"), false)));
        assertEquals("gone.tsv: no such file", refusal(log, new LoadOptions(folder.resolve("gone.tsv"), false)));
    }

    @Test
    void shouldSurviveRoundTripWhenStoredCompactly() throws Exception {
        Trace trace = Traces.bundled();
        Path file = folder.resolve("small.ktrace");
        TraceFile.write(trace, file);
        assertEquals(trace, Traces.load(file, LoadOptions.DEFAULT));
        assertTrue(Files.size(file) < 200_000);
        assertTrue(refusal(file, new LoadOptions(file, false)).contains("faults table cannot be added"));
    }

    @Test
    void shouldRefuseWhenCompactFileIsDamaged() throws Exception {
        Path good = folder.resolve("good.ktrace");
        TraceFile.write(Traces.bundled(), good);
        byte[] bytes = Files.readAllBytes(good);
        Random random = new Random(7);
        for (int i = 0; i < 60; i++) {
            byte[] bad = bytes.clone();
            int at = i < 36 ? i : 36 + random.nextInt(bytes.length - 36);
            bad[at] ^= (byte) (1 << random.nextInt(8));
            String message = refusal(file("bad.ktrace", bad));
            assertTrue(message.startsWith("bad.ktrace:"), message);
        }
        for (int n : new int[] {9, 20, 36, 40, bytes.length / 2, bytes.length - 1}) {
            assertTrue(
                    refusal(file("cut.ktrace", Arrays.copyOf(bytes, n))).contains("damaged compact trace: "), "" + n);
        }
    }

    @Test
    void shouldBeEqualWhenLoadedTwice() {
        assertEquals(Traces.bundled(), Traces.bundled());
    }
}
