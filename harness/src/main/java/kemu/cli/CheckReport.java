package kemu.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import kemu.check.CacheCounts;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.Judgement;
import kemu.check.PluginGuard;
import kemu.check.Plugins;
import kemu.check.Plugins.PluginFailure;
import kemu.check.Scenarios;
import kemu.check.matrix.Cell;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.story.Story;
import kemu.check.story.StoryTable;
import kemu.host.Stop;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.mm.slab.ReusePolicy;
import kemu.report.Provenance;

/** What {@code kemu check} says of one scenario and variant. */
final class CheckReport {
    static final int UNKNOWN = Main.UNKNOWN;

    private final CheckFiles files;
    private final Path junit;
    private final long seed;
    private final String search;
    private final boolean counters;
    private final Function<Check, Result> explore;

    CheckReport(
            CheckFiles files, Path junit, long seed, String search, boolean counters, Function<Check, Result> explore) {
        this.files = files;
        this.junit = junit;
        this.seed = seed;
        this.search = search;
        this.counters = counters;
        this.explore = explore;
    }

    /** Explores and tells; returns the exit code. A plugin that fails is told by its name. */
    int print(Subject subject, long guardMillis) {
        files.begin();
        String plugin = Plugins.ownerOf(subject);
        if (plugin == null) {
            return orBroken(subject);
        }
        try {
            return PluginGuard.run(plugin, guardMillis, () -> orBroken(subject));
        } catch (PluginFailure failure) {
            System.out.println(failure.getMessage());
            files.noTrace();
            files.sarif(subject, "plugin", failure.getMessage());
            System.out.println("SUMMARY verb=check scenario=" + subject.scenario() + " variant=" + subject.variant()
                    + " model=" + subject.modelName() + " search=" + search
                    + " verdict=FAIL kind=plugin seed=" + seed);
            return 1;
        }
    }

    /** A scene that cannot be built, or whose premise does not come about, proves nothing. */
    private int orBroken(Subject subject) {
        try {
            return print(subject);
        } catch (SceneBroken broken) {
            System.out.println("UNKNOWN: " + Judgement.of(broken).reason());
            writeJunit(subject, Judgement.of(broken));
            files.sarif(subject, null, null);
            files.noTrace();
            System.out.println("SUMMARY verb=check scenario=" + subject.scenario() + " variant=" + subject.variant()
                    + " model=" + subject.modelName() + " search=" + search + " verdict=UNKNOWN executions=0 seed="
                    + seed);
            return UNKNOWN;
        }
    }

    private int print(Subject subject) {
        System.out.printf(
                "kemu %s %s  check %s  seed=%d %s search=%s%n",
                Version.current(), Provenance.commit(), subject.scenario(), seed, subject.options(), search);
        long start = System.nanoTime();
        try (Check check = new Check(subject)) {
            if (counters) {
                check.countCaches();
            }
            Result result = explore.apply(check);
            double seconds = (System.nanoTime() - start) / 1e9;
            String extra = "";
            // Before a failure is shrunk and told, which takes executions, too.
            CacheCounts caches = check.cacheCounts();
            Judgement found = check.judge(result);
            writeJunit(subject, found);
            if (found.convicts()) {
                extra = failure(subject, check, result, caches);
            } else if (found.reason() != null) {
                System.out.println("UNKNOWN in execution " + result.executions() + ": " + found.reason());
            } else if (result.verdict() == Result.Verdict.PASS) {
                System.out.println(covered(subject, result));
            } else {
                System.out.println(open(result, check.trouble()));
            }
            String remark = Expected.remark(subject);
            if (!found.convicts() && remark != null) {
                System.out.println(remark);
            }
            if (!found.notExplored().isEmpty()) {
                System.out.println("not explored: " + found.notExplored()
                        + " (tasks access user memory, and every access walks the page table)");
            }
            if (!found.convicts() && subject.slabReuse().equals(ReusePolicy.DELAYED.label())) {
                System.out.println(
                        "coverage loss: --slab-reuse delayed hides bugs that need an object to be reused soon");
            }
            if (!found.convicts()) {
                files.json(subject, search, seed, found, null, null, null, caches);
                files.sarif(subject, null, null);
                files.noTrace();
            }
            if (caches != null) {
                caches.print(System.out);
                extra += caches.summary();
            }
            System.out.printf(
                    Locale.ROOT,
                    "SUMMARY verb=check scenario=%s %s=%s spinlock=%s model=%s search=%s verdict=%s"
                            + " interrupted=%s bounded=%s executions=%d steps=%d seed=%d elapsed_s=%.3f%s%n",
                    subject.scenario(),
                    Scenarios.byName(subject.scenario()).byAnonVma() ? "anon_vma" : "variant",
                    subject.variant(),
                    subject.spinLock(),
                    subject.modelName(),
                    search,
                    found.verdict(),
                    Stop.requested(),
                    !result.bounds().isEmpty(),
                    result.executions(),
                    result.steps(),
                    seed,
                    seconds,
                    extra);
            return switch (found.verdict()) {
                case PASS -> 0;
                case FAIL -> 1;
                case UNKNOWN -> UNKNOWN;
            };
        }
    }

    /** The one cell as JUnit XML, if that is asked for: a test that passes if the subject holds. */
    private void writeJunit(Subject subject, Judgement found) {
        if (junit != null) {
            new MatrixFiles(null, junit, null, List.of())
                    .writeJunit(List.of(Cell.of(subject, Expectation.HOLDS, found, null)));
        }
    }

    /** What oracles noted besides the failure itself. */
    static void printNotes(List<String> notes, Result failed) {
        String head = failed.failure() == null
                ? "no failure"
                : String.valueOf(failed.failure().getMessage())
                        .lines()
                        .findFirst()
                        .orElse("");
        notes.stream().filter(note -> !note.startsWith(head)).forEach(note -> System.out.println("noted: " + note));
    }

    /** What a PASS says, with its bounds. */
    private static String covered(Subject subject, Result result) {
        boolean bounded = !result.bounds().isEmpty();
        String all = subject.everyStore()
                ? "every execution was covered, up to which store each load reads from: "
                : "every interleaving was covered: ";
        return (bounded ? "every execution within the bound was covered: " : all)
                + result.executions() + " executions, " + result.pruned()
                + " of them cut short as repetitions, longest " + result.longest() + " steps; bounds: "
                + Scenarios.byName(subject.scenario()).cpus() + " CPUs, these tasks"
                + (bounded ? ", " + result.bounds() : "");
    }

    /** What an UNKNOWN says, with what was covered. */
    private static String open(Result result, String trouble) {
        String why = trouble != null
                ? "not to be covered by who reads from whom: " + trouble
                : result.finished()
                        ? "loops that name no word they wait for, or interrupts that end waits, cannot be covered"
                        : Stop.requested() ? "interrupted by " + Stop.reason() : "the budget was spent";
        return why + ", nothing is proved"
                + (result.bounds().isEmpty() ? "" : " beyond what is covered, " + result.bounds()) + ": "
                + result.executions() + " executions, " + result.states() + " different final states";
    }

    private String failure(Subject subject, Check check, Result found, CacheCounts caches) {
        Result small = check.shrink(found);
        Schedule schedule = check.schedule(small, seed);
        System.out.println("FAIL in execution " + found.executions() + ", shrunk to " + check.switches(small)
                + " context switches and " + small.trail().steps() + " steps:");
        Result explained = check.explain(schedule);
        List<String> notes = check.notes();
        Story story = check.narrate(schedule, explained);
        StoryTable.print(story, System.out);
        System.out.println(story.failure());
        printNotes(notes, explained);
        System.out.println("cause: " + story.cause());
        System.out.println("replay: " + files.failure(check, subject, schedule, story));
        files.sarif(subject, small.kind().word(), story.cause());
        files.json(
                subject,
                search,
                seed,
                Judgement.of(subject, found),
                small.kind().word(),
                small,
                story,
                caches);
        return " kind=" + small.kind().word() + " context_switches=" + check.switches(small) + " state="
                + Long.toHexString(small.stateHash());
    }
}
