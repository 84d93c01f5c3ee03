package kemu.fuzz;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import kemu.cli.InProcess;

/**
 * Command lines, one argument a line, that name nothing to work on: wrong options, or right ones beside a wrong one.
 */
final class OptionsTarget implements Target {
    static final String[] VERBS = {"run", "check", "replay", "inspect", "trace", "litmus", "list", "bench", "help"};
    private static final String[] WORDS = {
        "kbuild",
        "forkstorm",
        "all",
        "mutants",
        "rmap-hang-child",
        "slab-same-life",
        "stat",
        "import",
        "check",
        "scenarios",
        "strategies",
        "barriers",
        "--cpus",
        "--memory",
        "--swap",
        "--copies",
        "--jobs",
        "--duration",
        "--processes",
        "--repeat",
        "--pace",
        "--vfork",
        "--machine",
        "--rcu",
        "--preempt",
        "--anon-vma",
        "--spinlock",
        "--vmas",
        "--pages",
        "--touch",
        "--seed",
        "--out",
        "--trace",
        "--faults",
        "--lenient",
        "--model",
        "--search",
        "--budget",
        "--executions",
        "--slab-reuse",
        "--variant",
        "--plugin",
        "--preemptions",
        "--weaken",
        "--json",
        "--images",
        "-o",
        "--engine",
        "--expect",
        "--junit",
        "--limit",
        "--quick",
        "--help",
        "--version",
        "-h",
        "-V",
        "sc",
        "tso",
        "weak",
        "alpha",
        "lkmm",
        "ticket",
        "mcs",
        "qspinlock",
        "root-recheck",
        "root-reread",
        "asap",
        "recorded",
        "share",
        "copy",
        "on",
        "off",
        "sched",
        "preempt",
        "native",
        "exhaustive",
        "random",
        "pct",
        "1g",
        "16m",
        "0",
        "5s",
        "1ms",
        "-1",
        "tasks",
        "locks",
        "slabs",
        "at",
        "page",
        "pfn:26",
        "\u00e9",
        "",
        " ",
        "--",
        "-",
        "@",
        "@file",
        "@@",
        "--cpus=",
        "=",
        "--=",
        "\u0000",
        "/nonexistent",
        "/dev/null",
        "/",
        ".",
        "~",
        "*"
    };

    private final Mutator mutator = new Mutator(WORDS);

    OptionsTarget(Path folder) {
        // Nothing here is written to.
    }

    @Override
    public byte[] input(SplittableRandom dice) {
        return mutator.mutate(line(dice), line(dice), dice);
    }

    private static byte[] line(SplittableRandom dice) {
        StringBuilder out = new StringBuilder(VERBS[dice.nextInt(VERBS.length)]);
        for (int n = dice.nextInt(7); n > 0; n--) {
            out.append('\n').append(WORDS[dice.nextInt(WORDS.length)]);
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public Answer take(byte[] input) {
        List<String> args = List.of(new String(input, StandardCharsets.UTF_8).split("\n"));
        // What would run for long, or write, is made wrong by one more option; the campaign runs.
        boolean works = args.stream().anyMatch(OptionsTarget::works);
        String[] given = new String[args.size() + (works ? 1 : 0)];
        args.toArray(given);
        if (works) {
            given[args.size()] = "--no-such-option";
        }
        InProcess.Said said = InProcess.execute(given);
        return new Answer(said.code(), said.out(), said.err(), null);
    }

    private static boolean works(String arg) {
        String verb = arg.strip();
        return verb.startsWith("run")
                || verb.startsWith("ch")
                || verb.startsWith("be")
                || verb.startsWith("li")
                || verb.startsWith("trace");
    }
}
