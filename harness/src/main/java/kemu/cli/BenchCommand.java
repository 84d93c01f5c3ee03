package kemu.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import kemu.bench.Benchmarks;
import kemu.bench.CheckBench;
import kemu.bench.FaultBench;
import kemu.bench.WalkBench;
import kemu.check.Plugins.PluginFailure;
import kemu.host.Stop;
import kemu.option.UsageException;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code kemu bench}: operations of the emulated kernel beside peers outside it, measured in the same session. */
@Command(
        name = "bench",
        description = "Measures operations of the emulated kernel beside a peer outside it.",
        mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
    private static final String CHECK = "check";
    private static final String PAGEFAULT = "pagefault";
    private static final String AIM7 = "aim7";

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "see kemu list benchmarks; default: all but check, pagefault and aim7")
    private List<String> names = List.of();

    @Option(names = "--quick", description = "one short iteration: shows that a benchmark works, measures nothing")
    private boolean quick;

    @Mixin
    private FaultBenchOptions faults = new FaultBenchOptions();

    @Mixin
    private WalkBenchOptions walks = new WalkBenchOptions();

    @Mixin
    private PluginOption plugins = new PluginOption();

    @Mixin
    private OutputOptions.Out out = new OutputOptions.Out();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws RunnerException, IOException {
        try {
            return measure();
        } catch (PluginFailure failure) {
            System.out.println(failure.getMessage());
            System.out.println("SUMMARY verb=bench verdict=FAIL kind=plugin");
            return Main.VIOLATION;
        }
    }

    private int measure() throws RunnerException, IOException {
        Stop.served();
        if (plugins.given() && !names.equals(List.of(PAGEFAULT)) && !names.equals(List.of(AIM7))) {
            throw new UsageException("--plugin: only of bench pagefault and bench aim7");
        }
        plugins.load();
        requireOnlyOf(PAGEFAULT, faults.given());
        requireOnlyOf(AIM7, walks.given());
        if (faults.repeat() != null && !names.equals(List.of(PAGEFAULT)) && !names.equals(List.of(AIM7))) {
            throw new UsageException("--repeat: only of bench pagefault and bench aim7");
        }
        if (names.equals(List.of(CHECK))) {
            return new BenchCheck(out.chosen(), System.err).print(new CheckBench(quick));
        }
        if (names.equals(List.of(PAGEFAULT))) {
            return new BenchFaults(out.chosen(), quick, System.err).print(new FaultBench(faults.plan(quick), quick));
        }
        if (names.equals(List.of(AIM7))) {
            WalkBench bench = new WalkBench(walks.plan(faults.repeat(), quick), quick);
            return new BenchWalks(out.chosen(), quick, System.err).print(bench);
        }
        for (String alone : List.of(CHECK, PAGEFAULT, AIM7)) {
            if (names.contains(alone)) {
                throw new UsageException("benchmark: " + alone + " is measured alone");
            }
        }
        for (String name : names) {
            UsageException.requireOneOf("benchmark", name, allNames());
        }
        if (spec.commandLine().getParseResult().hasMatchedOption("--out")) {
            throw new UsageException("--out: only of bench check, bench pagefault and bench aim7");
        }
        List<String> chosen =
                names.isEmpty() ? Benchmarks.names() : names.stream().distinct().toList();
        return new BenchTable(quick, System.err).print(chosen);
    }

    private void requireOnlyOf(String benchmark, String option) {
        if (option != null && !names.equals(List.of(benchmark))) {
            throw new UsageException(option + ": only of bench " + benchmark);
        }
    }

    /** Everything that can be measured. */
    static List<String> allNames() {
        List<String> all = new ArrayList<>(Benchmarks.names());
        all.add(CHECK);
        all.add(PAGEFAULT);
        all.add(AIM7);
        return all;
    }
}
