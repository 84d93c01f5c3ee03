package kemu.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import kemu.host.SafeFiles;
import kemu.option.UsageException;
import kemu.report.page.RunPage;
import kemu.results.RunResults;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kemu report}: a run as one page, whether it has ended or not. */
@Command(
        name = "report",
        description = {
            "Writes the page of a run: latencies by percentile and by time, rates, memory, swap, RCU, locks, and what"
                    + " went wrong when. One file, without network.",
            "The run may still be going, or have been killed: the page shows what had been recorded."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ReportCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "what --out of kemu run was, or -o of kemu merge")
    private Path folder;

    @Mixin
    private OutputOptions.Html html = new OutputOptions.Html();

    @Override
    public Integer call() {
        RunResults run = RunResults.read(folder);
        Path file = html.file() == null ? folder.resolve(RunPage.NAME) : html.file();
        try {
            RunPage.write(file, run);
        } catch (IOException unwritable) {
            throw new UsageException(file + ": cannot be written (" + SafeFiles.reason(unwritable)
                    + "; allowed: another place, by --html FILE)");
        }
        run.problems().forEach(problem -> System.out.println("note: " + problem));
        System.out.println("wrote " + file);
        System.out.printf(
                Locale.ROOT,
                "SUMMARY verb=report verdict=PASS run_verdict=%s operations=%d intervals=%d elapsed_s=%.3f%n",
                run.ended() ? run.text("verdict") : "none",
                run.latencies().operations().size(),
                run.counters().size(),
                run.seconds());
        return 0;
    }
}
