package kemu.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import kemu.trace.LoadOptions;
import kemu.trace.RandomLog;
import kemu.trace.Traces;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.stat.StatReport;
import kemu.trace.stat.TraceStat;
import kemu.trace.store.CompactForge;

/** Right logs in several forms, and what everything that was read as a trace must bear. */
final class Logs {
    static final String[] WORDS = {
        "mmap",
        "munmap",
        "mprotect",
        "mremap",
        "brk",
        "madvise",
        "clone",
        "clone3",
        "fork",
        "vfork",
        "execve",
        "wait4",
        "exit_group",
        "exit",
        "old_mmap",
        "mmap2",
        "waitpid",
        "mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 3, 0)",
        "PROT_READ",
        "PROT_WRITE|PROT_EXEC",
        "PROT_NONE",
        "MAP_PRIVATE|MAP_ANONYMOUS",
        "MAP_SHARED",
        "MAP_FIXED",
        "MAP_GROWSDOWN",
        "MAP_DENYWRITE",
        "CLONE_VM|CLONE_VFORK",
        "CLONE_VM|CLONE_THREAD",
        "flags=SIGCHLD",
        "flags=CLONE_VM|CLONE_FS|CLONE_THREAD",
        "MREMAP_MAYMOVE",
        "MADV_DONTNEED",
        "MADV_FREE",
        "-1 ENOMEM (Cannot)",
        "-1",
        "resumed>",
        "<... brk resumed>)",
        "<unfinished ...>",
        "+++ exited with 0 +++",
        "+++ killed by SIGKILL +++",
        "--- SIGCHLD {si_signo=SIGCHLD} ---",
        "strace: Process 101 attached",
        "[pid   100]",
        "100",
        "101",
        "102",
        "WIFEXITED(s) && WEXITSTATUS(s) == 0"
    };
    private static final int SEEDS = 64;
    private static final int LONGEST = 4_000;
    private static final int REPORT_EVERY = 16;
    private static final byte[][] RIGHT = new byte[SEEDS][];

    private Logs() {}

    /** A right log, of -ttt or another form. */
    static byte[] right(SplittableRandom dice) {
        int at = dice.nextInt(SEEDS);
        if (RIGHT[at] == null) {
            String log = RandomLog.of(at);
            for (int next = at + SEEDS; log.length() > LONGEST; next += SEEDS) {
                log = RandomLog.of(next);
            }
            RIGHT[at] = form(log, at % 8).getBytes(StandardCharsets.ISO_8859_1);
        }
        return RIGHT[at];
    }

    private static String form(String log, int form) {
        return switch (form) {
            case 1 -> log.replaceAll("(?m)^(\\d+ +)\\S+ ", "$1");
            case 2 -> log.replaceAll("(?m)^(\\d+ +)1700000000(\\S+) ", "$1 12:13:14$2 ");
            case 3 -> log.replaceAll("(?m)^(\\d+) +(\\S+ )", "[pid $1] $2");
            case 4 -> log.replaceAll("(?m)( = .*)$", "$1 <0.000012>");
            default -> log;
        };
    }

    /** Loads {@code file}, which must bear what any trace bears. */
    static Answer bear(Path file, LoadOptions options) throws IOException {
        try {
            return bear(Traces.load(file, options));
        } catch (TraceException refused) {
            return Answer.refused(refused.getMessage());
        }
    }

    /** A trace that was taken can be described, stored, and read back the same. */
    static Answer bear(Trace trace) throws IOException {
        TraceStat stat = TraceStat.of(trace);
        // Formatting takes most of the time and depends on little.
        if (stat.mappedBytes() / 4096 % REPORT_EVERY == 0) {
            StatReport.render(stat, new PrintStream(new ByteArrayOutputStream(), false, StandardCharsets.UTF_8), 30);
            StatReport.writeJson(stat, OutputStream.nullOutputStream());
        }
        byte[] content = CompactForge.content(trace);
        try {
            if (!trace.equals(CompactForge.read(content, CompactForge.ops(trace)))) {
                throw new IllegalStateException("read back, the trace is another");
            }
        } catch (IOException refused) {
            throw new IllegalStateException("what was taken and stored is not read back", refused);
        }
        return Answer.TAKEN;
    }
}
