package kemu.soak;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import kemu.host.SafeFiles;
import kemu.report.Provenance;
import kemu.report.RunReport;
import kemu.report.page.RunPage;
import kemu.results.RunResults;

/**
 * The directory of a run ({@code --out}). A run owns it: what an earlier one left there goes by name before anything is
 * written, and nothing else does. A file that cannot be written is named, and the others are written all the same.
 */
public final class RunFolder {
    /** What kemu writes to such a directory, whatever it does there. */
    private static final List<String> NAMES = List.of(
            RunResults.JSON,
            RunResults.LATENCIES,
            RunResults.COUNTERS,
            RunPage.NAME,
            "dump/machine.kemu",
            "dump/memory.gz",
            "check.json",
            "schedule.kemu",
            Provenance.ENVIRONMENT);

    /** What it writes while it goes on. */
    private static final Set<String> RECORDS = Set.of(RunResults.LATENCIES, RunResults.COUNTERS);

    private final Path folder;
    private final PrintStream messages;

    /** Writes to {@code folder}, which must exist, and tells {@code messages} what cannot be written. */
    RunFolder(Path folder, PrintStream messages) {
        this.folder = folder;
        this.messages = messages;
    }

    /** The same; what an earlier run recorded goes as well. */
    public static void prepare(Path folder) throws IOException {
        prepare(folder, false);
    }

    /**
     * Makes {@code folder} and removes what an earlier run left in it.
     *
     * @param goesOn what that run recorded stays: it is gone on with
     * @throws IOException if it cannot be made, or something in it cannot be removed
     */
    public static void prepare(Path folder, boolean goesOn) throws IOException {
        Files.createDirectories(folder);
        for (String name : NAMES) {
            if (goesOn && RECORDS.contains(name)) {
                continue;
            }
            Path file = folder.resolve(name);
            // Only files, as they were written: a link or a device was put there by somebody else.
            if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                Files.delete(file);
            }
        }
        Path dump = folder.resolve("dump");
        if (Files.isDirectory(dump, LinkOption.NOFOLLOW_LINKS) && isEmpty(dump)) {
            Files.delete(dump);
        }
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (var entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    /** Where {@code name} goes. */
    Path resolve(String name) {
        return folder.resolve(name);
    }

    /** Writes something in the directory. */
    @FunctionalInterface
    interface Writing {
        /** Writes all. */
        void run() throws IOException;
    }

    /** Does {@code writing}, which writes {@code name}; says so if it fails. */
    void write(RunReport report, String name, Writing writing) {
        try {
            Files.createDirectories(folder);
            writing.run();
        } catch (IOException failed) {
            notWritten(report, folder.resolve(name), SafeFiles.reason(failed));
        }
    }

    /** Names a file that could not be written. */
    void notWritten(RunReport report, Path file, String reason) {
        notWritten(report, file, reason, messages);
    }

    /** The same, of a file that may be anywhere. */
    static void notWritten(RunReport report, Path file, String reason, PrintStream messages) {
        String line = "not written: " + file + " (" + reason + ")";
        report.note(line);
        messages.println("kemu: " + line);
    }
}
