package kemu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import kemu.host.SafeFiles;
import kemu.merge.MergedRun;
import kemu.option.UsageException;
import kemu.report.RunReport;
import kemu.results.RunResults;
import kemu.soak.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kemu merge}: several runs as one. */
@Command(
        name = "merge",
        description = {
            "Adds runs of the same work and strategies, which may differ in seed and length: histograms without loss,"
                    + " counters by sum. report and compare read the result as they read a run.",
            "The verdict is the worst one; with a run that has not ended, or was killed, it is UNKNOWN."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class MergeCommand implements Callable<Integer> {
    private static final int MOST_RUNS = 1_000;

    @Parameters(arity = "1..*", paramLabel = "DIR", description = "folders that kemu run or merge wrote")
    private List<Path> folders;

    @Option(
            names = "-o",
            required = true,
            paramLabel = "DIR",
            description = "folder to write; what an earlier run left there is removed")
    private Path out;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        UsageException.requireRange("DIR: number of folders", folders.size(), 1, MOST_RUNS);
        UsageException.requireFolder("-o", out);
        for (Path folder : folders) {
            if (folder.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
                throw new UsageException("-o: " + out + " is one of the runs (allowed: another folder)");
            }
        }
        MergedRun merged = new MergedRun(
                folders.stream().map(RunResults::read).toList(),
                spec.root().commandLine().getParseResult().originalArgs());
        try {
            RunFolder.prepare(out);
            Files.createDirectories(out);
            RunReport report = merged.write(out);
            report.print(System.out);
            return report.verdict().exitCode();
        } catch (IOException cannot) {
            throw new UsageException("-o: cannot use directory " + out + " (" + SafeFiles.reason(cannot) + ")");
        }
    }
}
