package kemu.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import kemu.check.Expected;
import kemu.check.Scenario;
import kemu.check.Scenarios;
import kemu.check.order.BarrierTable;
import kemu.check.order.NamedBarrier;
import kemu.hw.sync.SpinLocks;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.slab.SlabAllocator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code kemu list}: what can be named on the command line. */
@Command(name = "list", description = "Lists workloads or strategies.", mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
    @Parameters(paramLabel = "WHAT", description = "workloads, scenarios, strategies, models, barriers, benchmarks")
    private String what;

    private static Map<String, List<String>> lists() {
        Map<String, List<String>> lists = new TreeMap<>();
        lists.put(
                "workloads",
                List.of(
                        "kbuild     replays a recorded kernel build",
                        "forkstorm  a parent of a given shape forks children that write and exit"));
        List<String> strategies = new ArrayList<>();
        for (AnonVmaLockingProvider one : AnonVmaLockings.all()) {
            strategies.add(String.format(
                    "--anon-vma %-16s %s%s", one.name(), one.description(), one.knownBad() ? " (known bad)" : ""));
        }
        for (String name : SpinLocks.names()) {
            strategies.add("--spinlock " + name);
        }
        for (String name : SlabAllocator.reuses()) {
            strategies.add("--slab-reuse " + name);
        }
        lists.put("strategies", strategies);
        lists.put("scenarios", scenarios());
        lists.put("barriers", barriers());
        lists.put("models", List.of("sc", "tso", "weak", "alpha"));
        lists.put("benchmarks", BenchCommand.allNames());
        return lists;
    }

    private static List<String> barriers() {
        List<String> lines = new ArrayList<>();
        for (NamedBarrier one : BarrierTable.all()) {
            lines.add(String.format("%-32s %-8s %-18s %s", one.name(), one.order(), one.place(), one.verdict()));
        }
        return lines;
    }

    private static List<String> scenarios() {
        List<String> lines = new ArrayList<>();
        for (Scenario one : Scenarios.named()) {
            lines.add(String.format("%-20s %s", one.name(), one.description()));
        }
        Expected.notYet().forEach((name, why) -> lines.add(String.format("%-20s not yet: waits for %s", name, why)));
        return lines;
    }

    @Override
    public Integer call() {
        Map<String, List<String>> lists = lists();
        UsageException.requireOneOf("list", what, lists.keySet());
        lists.get(what).forEach(System.out::println);
        return 0;
    }
}
