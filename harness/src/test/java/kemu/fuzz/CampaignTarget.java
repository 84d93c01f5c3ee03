package kemu.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.cli.InProcess;
import kemu.trace.RandomLog;

/** Verbs that work, with options in every combination, on budgets so small that each takes about a second. */
final class CampaignTarget implements Target {
    private static final String[] SCENARIOS = {
        "rmap-hang-child", "rmap-hang-root", "rmap-stale-ok", "slab-same-life", "slab-destroy", "slab-page-recycle"
    };
    private static final String[] STRATEGIES = {"root-recheck", "root-reread", "old-unlock", "no-recheck"};

    private final Path folder;
    private final Path log;

    CampaignTarget(Path folder) throws IOException {
        this.folder = folder;
        this.log = Files.writeString(folder.resolve("build.strace"), RandomLog.of(7));
    }

    @Override
    public byte[] input(SplittableRandom dice) {
        List<String> args = new ArrayList<>();
        switch (dice.nextInt(8)) {
            case 0, 1, 2 -> run(args, dice);
            case 3, 4, 5 -> check(args, dice);
            case 6 -> args.addAll(List.of("trace", dice.nextBoolean() ? "stat" : "import", "LOG"));
            default -> args.addAll(List.of("list", pick(dice, "scenarios", "strategies", "barriers")));
        }
        if (args.contains("import")) {
            args.addAll(List.of("-o", "OUT/" + dice.nextInt(3) + ".ktrace"));
        }
        return String.join("\n", args).getBytes(StandardCharsets.UTF_8);
    }

    private static void run(List<String> args, SplittableRandom dice) {
        boolean storm = dice.nextBoolean();
        args.addAll(List.of("run", storm ? "forkstorm" : "kbuild"));
        if (storm) {
            args.addAll(List.of("--processes", pick(dice, "1", "20", "200")));
            some(args, dice, "--vmas", "1", "16", "50");
            some(args, dice, "--pages", "1", "16", "40");
            some(args, dice, "--touch", "0", "1", "4");
            some(args, dice, "--jobs", "1", "2", "9");
        } else {
            args.addAll(List.of("--trace", "LOG"));
            some(args, dice, "--copies", "1", "2", "3");
            some(args, dice, "--repeat", "1", "2");
            some(args, dice, "--vfork", "share", "copy");
        }
        args.addAll(List.of("--memory", pick(dice, "4m", "8m", "16m", "64m")));
        some(args, dice, "--swap", "0", "1m", "64m");
        some(args, dice, "--cpus", "1", "2", "4", "64");
        some(args, dice, "--rcu", "sched", "preempt");
        some(args, dice, "--preempt", "on", "off");
        some(args, dice, "--anon-vma", STRATEGIES);
        some(args, dice, "--spinlock", "ticket", "mcs", "queued", "test-and-set");
        some(args, dice, "--seed", "0", "-1", "9223372036854775807");
        some(args, dice, "--out", "OUT", "OUT/a/b");
    }

    private static void check(List<String> args, SplittableRandom dice) {
        args.addAll(List.of("check", SCENARIOS[dice.nextInt(SCENARIOS.length)]));
        args.addAll(List.of("--executions", pick(dice, "1", "5", "100")));
        args.addAll(List.of("--out", pick(dice, "OUT", "OUT/c")));
        some(args, dice, "--model", "sc", "tso", "weak", "alpha");
        some(args, dice, "--search", "exhaustive", "random", "pct", "pos");
        some(args, dice, "--preemptions", "0", "1", "2");
        some(args, dice, "--anon-vma", STRATEGIES);
        some(args, dice, "--variant", "pin-only", "pin-recheck", "fast");
        some(args, dice, "--slab-reuse", "fast", "delayed", "object-rcu");
        some(args, dice, "--spinlock", "ticket", "mcs", "queued");
        some(args, dice, "--weaken", "ticket.LOCK:acquire", "rmap.PUT_LAST_REF");
        some(args, dice, "--budget", "1ms", "2s");
    }

    private static void some(List<String> args, SplittableRandom dice, String option, String... values) {
        if (dice.nextInt(4) == 0) {
            args.add(option);
            args.add(pick(dice, values));
        }
    }

    private static String pick(SplittableRandom dice, String... values) {
        return values[dice.nextInt(values.length)];
    }

    @Override
    public Answer take(byte[] input) {
        String text = new String(input, StandardCharsets.UTF_8)
                .replace("LOG", log.toString())
                .replace("OUT", folder.resolve("out").toString());
        InProcess.Said said = InProcess.execute(text.split("\n"));
        return new Answer(said.code(), said.out(), said.err(), null);
    }
}
