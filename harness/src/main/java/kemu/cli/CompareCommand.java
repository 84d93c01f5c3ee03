package kemu.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import kemu.compare.CompareJson;
import kemu.compare.ComparePage;
import kemu.compare.CompareText;
import kemu.compare.Comparison;
import kemu.host.SafeFiles;
import kemu.option.UsageException;
import kemu.results.RunResults;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kemu compare}: runs side by side. */
@Command(
        name = "compare",
        description = {
            "Compares runs of the same work, operation by operation, with the first of them: median, p99 and rate.",
            "The runs may differ in strategies and seed. A difference is marked where it exceeds the spread between"
                    + " intervals (Mann-Whitney U test)."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CompareCommand implements Callable<Integer> {
    private static final int MOST_RUNS = 50;

    @Parameters(arity = "1..*", paramLabel = "DIR", description = "two or more folders that kemu run or merge wrote")
    private List<Path> folders;

    @Mixin
    private OutputOptions.Out out = new OutputOptions.Out();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        UsageException.requireRange("DIR: number of folders", folders.size(), 2, MOST_RUNS);
        Path folder = out.given();
        Comparison all = new Comparison(folders.stream().map(RunResults::read).toList());
        int code = folder == null ? 0 : write(all, folder);
        CompareText.print(all, System.out);
        return code;
    }

    /** Writes the files; says if that cannot be. */
    private int write(Comparison all, Path folder) {
        try {
            List<String> arguments = spec.root().commandLine().getParseResult().originalArgs();
            CompareJson.write(folder.resolve(CompareJson.NAME), all, arguments);
            ComparePage.write(folder.resolve(ComparePage.NAME), all);
            return 0;
        } catch (IOException unwritable) {
            System.err.println("kemu: " + folder + ": not written: " + SafeFiles.reason(unwritable));
            return Main.INTERNAL;
        }
    }
}
