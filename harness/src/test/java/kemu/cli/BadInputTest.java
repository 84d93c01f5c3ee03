package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A user's mistake gets one line and exit code 2, never a stack trace. */
class BadInputTest {
    @TempDir
    private Path folder;

    private static String mistake(String... args) {
        PrintStream before = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setErr(new PrintStream(captured, true, StandardCharsets.UTF_8));
        int code;
        try {
            code = Main.execute(args);
        } finally {
            System.setErr(before);
        }
        String text = captured.toString(StandardCharsets.UTF_8);
        assertEquals(2, code, text);
        List<String> lines = text.lines().toList();
        assertEquals(1, lines.size(), text);
        assertFalse(text.contains("\tat "), text);
        return lines.get(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "frobnicate",
                "run",
                "run nonsense",
                "run kbuild --nonsense",
                "run kbuild --cpus 0",
                "run kbuild --cpus 65",
                "run kbuild --cpus many",
                "run kbuild --memory 12q",
                "run kbuild --memory -1g",
                "run kbuild --memory 0",
                "run kbuild --memory 1k",
                "run kbuild --memory 999999g",
                "run kbuild --memory 99999999999999999999g",
                "run kbuild --duration 5",
                "run kbuild --duration 5d",
                "run kbuild --duration 0s",
                "run kbuild --anon-vma none",
                "run kbuild --spinlock none",
                "run kbuild --pace slowly",
                "run kbuild --vfork magic",
                "run kbuild --machine vax",
                "run kbuild --rcu magic",
                "run kbuild --rcu preempt-hasty",
                "run kbuild --rcu preempt --preempt off",
                "run kbuild --preempt maybe",
                "litmus . --engine vax",
                "litmus . --seed 1",
                "litmus . --engine kernel --model lkmm",
                "litmus . --engine kernel --search pct",
                "litmus . --engine kernel --executions 0",
                "litmus . --engine kernel --rcu preempt-hasty",
                "litmus . --engine kernel --spinlock none",
                "litmus . --engine kernel --weaken none",
                "litmus . --weaken ticket.LOCK:acquire",
                "run kbuild --copies 0",
                "run kbuild --perfetto-window 1s",
                "run kbuild --perfetto kemu-none/x --perfetto-window 2m",
                "run kbuild --perfetto kemu-none/x --perfetto-window 0s",
                "run kbuild --perfetto .",
                "run kbuild --repeat 0",
                "run kbuild --repeat 2 --duration 5s",
                "run kbuild --processes 5",
                "run kbuild --faults x.tsv",
                "run kbuild --seed x",
                "run kbuild --cpus",
                "run kbuild --trace",
                "run forkstorm --vmas 0",
                "run forkstorm --touch 17 --pages 16",
                "run forkstorm --trace x",
                "run pagefault --shape 4",
                "run pagefault --mode both",
                "run pagefault --pages 0",
                "run pagefault --rounds 2 --duration 1s",
                "run threads --mix mmap,sleep",
                "run threads --threads 0",
                "run mlock-truncate --threads 4 --pages 9000",
                "run mlock-truncate --processes 65",
                "bench pagefault --cpus 0",
                "bench pagefault --vma-lookup spf-zap",
                "bench pagefault --quick --repeat 2",
                "bench check --cpus 2",
                "bench pagefault plainRead",
                "bench aim7 --children 0",
                "bench aim7 --anon-vma root-reread",
                "bench aim7 --quick --repeat 2",
                "bench check --children 10",
                "bench check --repeat 2",
                "run mprotect --pages 1",
                "run mprotect --threads 65",
                "run swap --times 0",
                "run swap --processes 0",
                "run mix --weights sleep=3",
                "run mix --weights fork=-1",
                "run mix --weights fork",
                "run mix --steps 5 --duration 1s",
                "run mix --pages 0",
                "run mix --thp never --khugepaged 512",
                "run thp --thp never",
                "run aim7 --children 0",
                "run aim7 --pages 0",
                "run aim7 --anon-vmas two",
                "run aim7 --rounds 2 --duration 1s",
                "check",
                "check nonsense",
                "check rmap-hang-child --model vax",
                "check rmap-hang-child --search luck",
                "check rmap-hang-child --model tso --search reads-from",
                "check rmap-hang-child --model tso --search reads-from-random",
                "check rmap-hang-child --model weak --search reads-from --preemptions 1",
                "check rmap-hang-child --preemptions -1",
                "check rmap-hang-child --search random --preemptions 2",
                "run forkstorm --khugepaged 512",
                "check all --shard 3/2",
                "check all --shard 1/100000",
                "check bugs --shard one",
                "check all --threads 0",
                "check rmap-hang-child --shard 1/2",
                "check rmap-hang-child --threads 2",
                "check mutants --shard 1/2",
                "litmus . --threads 257",
                "check rmap-hang-child --weaken ticket.LOCK:acquire",
                "check rmap-hang-child --model weak --weaken ticket.LOCK",
                "check rmap-hang-child --anon-vma none",
                "check rmap-hang-child --spinlock none",
                "check rmap-hang-child --budget 0s",
                "check rmap-hang-child --executions 0",
                "check rmap-hang-child --variant x",
                "check rmap-hang-child --counters",
                "check all --model tso --counters",
                "check mutants --counters",
                "check rmap-hang-child --slab-reuse slow",
                "inspect",
                "inspect /nonexistent/dump",
                "replay",
                "replay no-such-file",
                "bench nonsense",
                "list",
                "list nonsense",
                "report",
                "report /nonexistent/run",
                "report /",
                "compare",
                "compare /nonexistent/run",
                "compare /nonexistent/run /nonexistent/other",
                "merge /nonexistent/run",
                "merge -o /tmp/merged",
                "merge /nonexistent/run -o /tmp/merged",
                "merge /nonexistent/run -o /nonexistent/run",
                "trace",
                "trace stat no-such-file"
            })
    void shouldSayInOneLineWhatIsWrong(String commandLine) {
        String line = mistake(commandLine.isEmpty() ? new String[0] : commandLine.split(" "));
        assertTrue(line.startsWith("kemu: "), line);
    }

    @Test
    void shouldNameWhatIsAllowed() {
        assertTrue(mistake("run", "kbuild", "--anon-vma", "none").contains("root-recheck"));
        assertTrue(mistake("run", "kbuild", "--spinlock", "none").contains("ticket"));
        assertTrue(mistake("run", "nonsense").contains("forkstorm"));
        assertTrue(mistake("run", "kbuild", "--memory", "12q").contains("512m"));
    }

    @Test
    void shouldRejectUnusableTraces() throws IOException {
        Path empty = Files.createFile(folder.resolve("empty.strace"));
        Path garbage = Files.writeString(folder.resolve("garbage.strace"), "this is no trace\n");
        Path wrongXz = Files.writeString(folder.resolve("plain.strace.xz"), "1 1.000000 brk(NULL) = 0x1000\n");
        // A last line that is cut off is what a killed strace leaves; one in the middle is damage.
        Path cut = Files.writeString(
                folder.resolve("cut.strace"),
                "1 1.000000 brk(NULL) = 0x1000\n1 1.000001 mmap(NULL, 81\n1 1.000002 brk(NULL) = 0x1000\n");
        for (Path bad : List.of(empty, garbage, wrongXz, cut, folder, folder.resolve("missing"))) {
            String line = mistake("run", "kbuild", "--trace", bad.toString());
            assertTrue(line.contains(bad.getFileName().toString()), line);
        }
        assertTrue(mistake("run", "kbuild", "--trace", garbage.toString()).contains("garbage.strace:1: "));
        assertTrue(mistake("run", "kbuild", "--trace", cut.toString()).contains("cut.strace:2: "));
    }

    @Test
    void shouldRejectUnusableSchedules() throws IOException {
        Path garbage = Files.writeString(folder.resolve("garbage.kemu"), "this is no schedule\n");
        Path newer = Files.writeString(folder.resolve("newer.kemu"), "kemu-schedule 999\n");
        Path empty = Files.createFile(folder.resolve("empty.kemu"));
        for (Path bad : List.of(garbage, newer, empty, folder)) {
            assertTrue(
                    mistake("replay", bad.toString()).contains(bad.getFileName().toString()));
        }
    }

    @Test
    void shouldRejectOutThatIsAFile() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertTrue(mistake("run", "kbuild", "--out", file.toString()).contains("--out"));
    }
}
