package kemu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kemu.check.Check;
import kemu.check.Scenario;
import kemu.check.Scenarios;
import kemu.hw.cache.MemoryModel;
import kemu.hw.sched.Result;
import kemu.hw.sched.Schedule;
import kemu.hw.sched.ScheduleText;
import kemu.hw.sync.SpinLocks;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kemu check}: is this locking strategy right? */
@Command(
        name = "check",
        description = "Explores the interleavings of a scenario until one fails or all are covered.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CheckCommand implements Callable<Integer> {
    private static final int UNKNOWN = 3;

    @Parameters(paramLabel = "SCENARIO", description = "see kemu list scenarios; or all")
    private String scenario;

    @Option(names = "--model", paramLabel = "M", defaultValue = "sc", description = "sc, tso, weak, alpha (default sc)")
    private String model;

    @Option(
            names = "--search",
            paramLabel = "S",
            description = "exhaustive, random, pct, pos (default: exhaustive on sc and tso, random elsewhere)")
    private String search;

    @Option(
            names = "--budget",
            paramLabel = "T",
            defaultValue = "60s",
            converter = Sizes.Millis.class,
            description = "give up after this long, of all: each cell (default 60s)")
    private long budgetMillis;

    @Option(names = "--executions", paramLabel = "N", description = "give up after so many executions")
    private Long executions;

    @Option(
            names = "--anon-vma",
            paramLabel = "NAME",
            description = "one strategy (default: root-recheck; of all: every one)")
    private String anonVma;

    @Option(
            names = "--spinlock",
            paramLabel = "NAME",
            defaultValue = "ticket",
            description = "see kemu list strategies")
    private String spinLock;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "1", description = "seed (default 1)")
    private long seed;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "kemu-out",
            description = "where schedules go (default kemu-out)")
    private Path out;

    @Override
    public Integer call() throws IOException {
        List<Check.Subject> subjects = subjects();
        int worst = 0;
        for (Check.Subject subject : subjects) {
            worst = worse(worst, scenario.equals("all") ? cell(subject) : single(subject));
        }
        if (scenario.equals("all")) {
            System.out.println("SUMMARY verb=check scenario=all model=" + model + " verdict="
                    + (worst == 0 ? "PASS" : worst == 1 ? "FAIL" : "UNKNOWN") + " cells=" + subjects.size());
        }
        return worst;
    }

    private static int worse(int a, int b) {
        return a == 1 || b == 1 ? 1 : Math.max(a, b);
    }

    private List<Check.Subject> subjects() {
        List<String> models = List.of("sc", "tso", "weak", "alpha");
        List<String> scenarios = Scenarios.all().stream().map(Scenario::name).toList();
        List<String> strategies =
                AnonVmaLockings.all().stream().map(AnonVmaLockingProvider::name).toList();
        List<String> asked = new ArrayList<>(scenarios);
        asked.add("all");
        UsageException.requireOneOf("scenario", scenario, asked);
        UsageException.requireOneOf("--model", model, models);
        boolean ordered = model.equals("sc") || model.equals("tso");
        if (search == null) {
            search = ordered ? "exhaustive" : "random";
        }
        UsageException.requireOneOf("--search", search, Check.searches());
        if (search.equals("exhaustive") && !ordered) {
            throw new UsageException("--search: 'exhaustive' on model " + model + " (allowed there: random, pct, pos)");
        }
        UsageException.requireOneOf("--spinlock", spinLock, List.of(SpinLocks.names()));
        if (anonVma != null) {
            UsageException.requireOneOf("--anon-vma", anonVma, strategies);
        }
        if (executions != null && executions < 1) {
            throw new UsageException("--executions: " + executions + " (allowed: 1 or more)");
        }
        MemoryModel chosen = MemoryModel.valueOf(model.toUpperCase(Locale.ROOT));
        boolean all = scenario.equals("all");
        List<Check.Subject> subjects = new ArrayList<>();
        for (String one : all ? scenarios : List.of(scenario)) {
            for (String strategy : anonVma != null ? List.of(anonVma) : all ? strategies : List.of("root-recheck")) {
                subjects.add(new Check.Subject(one, strategy, spinLock, chosen));
            }
        }
        return subjects;
    }

    private Result explore(Check check) {
        long end = System.nanoTime() + budgetMillis * 1_000_000L;
        return check.explore(
                search, seed, executions == null ? Long.MAX_VALUE : executions, () -> end - System.nanoTime());
    }

    /** One cell of the matrix: found beside expected. */
    private int cell(Check.Subject subject) {
        try (Check check = new Check(subject)) {
            Result result = explore(check);
            Result.Verdict expected = Scenarios.expected(subject.anonVma());
            boolean agrees = result.verdict() == expected;
            System.out.printf(
                    Locale.ROOT,
                    "%-18s %-16s %-6s expected %-5s found %-8s %10d executions%s%n",
                    subject.scenario(),
                    subject.anonVma(),
                    model,
                    expected,
                    result.verdict(),
                    result.executions(),
                    agrees ? "" : result.verdict() == Result.Verdict.UNKNOWN ? "  budget spent" : "  **differs**");
            return agrees ? 0 : result.verdict() == Result.Verdict.UNKNOWN ? UNKNOWN : 1;
        }
    }

    private int single(Check.Subject subject) throws IOException {
        System.out.printf(
                "kemu %s  check %s  seed=%d %s search=%s%n",
                Version.current(), subject.scenario(), seed, subject.options(), search);
        long start = System.nanoTime();
        try (Check check = new Check(subject)) {
            Result result = explore(check);
            double seconds = (System.nanoTime() - start) / 1e9;
            String extra = "";
            if (result.verdict() == Result.Verdict.FAIL) {
                extra = report(check, result);
            } else if (result.verdict() == Result.Verdict.PASS) {
                System.out.println("every interleaving of marked accesses was covered: " + result.executions()
                        + " executions, " + result.pruned() + " of them cut short as repetitions, longest "
                        + result.longest() + " steps; bounds: "
                        + Scenarios.byName(subject.scenario()).cpus()
                        + " CPUs, these tasks, no preemption within a CPU");
            } else {
                System.out.println("the budget was spent, nothing is proved: " + result.executions() + " executions, "
                        + result.states() + " different final states");
            }
            System.out.printf(
                    Locale.ROOT,
                    "SUMMARY verb=check scenario=%s anon_vma=%s spinlock=%s model=%s search=%s verdict=%s executions=%d"
                            + " steps=%d seed=%d elapsed_s=%.3f%s%n",
                    subject.scenario(),
                    subject.anonVma(),
                    subject.spinLock(),
                    model,
                    search,
                    result.verdict(),
                    result.executions(),
                    result.steps(),
                    seed,
                    seconds,
                    extra);
            return switch (result.verdict()) {
                case PASS -> 0;
                case FAIL -> 1;
                case UNKNOWN -> UNKNOWN;
            };
        }
    }

    /** What failed: nobody can go on, now or when the scenario ends; no end; or the kernel said so. */
    private static String kind(Result failed) {
        return switch (failed.outcome()) {
            case HUNG -> "hang";
            case LIMIT -> "livelock";
            default ->
                String.valueOf(failed.failure().getMessage()).contains("that nobody can change")
                        ? "hang"
                        : "kernel-bug";
        };
    }

    private String report(Check check, Result found) throws IOException {
        Result small = check.shrink(found);
        Schedule schedule = check.schedule(small, seed);
        System.out.println("FAIL in execution " + found.executions() + ", shrunk to " + check.switches(small)
                + " context switches and " + small.trail().steps() + " steps:");
        check.narrate(schedule).print(System.out);
        System.out.println(small.failure().getMessage().stripTrailing());
        Files.createDirectories(out);
        Path file = out.resolve("schedule.kemu");
        Files.writeString(file, ScheduleText.write(schedule));
        System.out.println("replay: ./kemu replay " + file);
        return " kind=" + kind(small) + " context_switches=" + check.switches(small) + " state="
                + Long.toHexString(small.stateHash());
    }
}
