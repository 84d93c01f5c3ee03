package kemu.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import kemu.check.Scenarios;
import kemu.check.order.BarrierTable;
import kemu.check.order.NamedBarrier;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Scenario;
import kemu.hw.cache.MemoryModel;
import kemu.kernel.locking.SpinLocks;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.slab.ReusePolicy;
import kemu.mm.strategy.Strategy;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.option.UsageException;
import kemu.rcu.flavors.RcuFlavors;
import kemu.workload.WorkloadProvider;
import kemu.workload.Workloads;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kemu list}: what can be named on the command line. */
@Command(name = "list", description = "Lists what can be named on the command line.", mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "WHAT",
            description = "workloads, scenarios, strategies, models, barriers, benchmarks, bugs")
    private String what;

    @Mixin
    private PluginOption plugins = new PluginOption();

    private static Map<String, List<String>> lists() {
        Map<String, List<String>> lists = new TreeMap<>();
        lists.put("workloads", workloads());
        List<String> strategies = new ArrayList<>();
        AnonVmaLockings.all().forEach(one -> strategies.add(strategy("--anon-vma ", one)));
        Mlockings.all().forEach(one -> strategies.add(strategy("--mlock ", one)));
        VmaLookups.all().forEach(one -> strategies.add(strategy("--vma-lookup ", one)));
        for (String name : SpinLocks.names()) {
            strategies.add(String.format("--spinlock %-16s %s", name, SpinLocks.description(name)));
        }
        for (String name : RcuFlavors.names()) {
            strategies.add(String.format("--rcu %-21s %s", name, RcuFlavors.description(name)));
        }
        for (ReusePolicy policy : ReusePolicy.values()) {
            strategies.add(String.format("--slab-reuse %-14s %s", policy.label(), policy.description()));
        }
        lists.put("strategies", strategies);
        lists.put("scenarios", scenarios());
        lists.put("barriers", barriers());
        lists.put(
                "models",
                MemoryModel.names().stream()
                        .map(MemoryModel::byName)
                        .map(model -> String.format("%-6s %s", model.label(), model.description()))
                        .toList());
        lists.put("benchmarks", BenchCommand.allNames());
        lists.put("bugs", bugs());
        return lists;
    }

    private static List<String> workloads() {
        List<String> lines = new ArrayList<>();
        for (WorkloadProvider one : Workloads.all()) {
            lines.add(String.format("%-10s %s", one.name(), one.description()));
            lines.add(String.format("%-10s latencies: %s", "", String.join(" ", one.latencies())));
        }
        return lines;
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
            lines.add(String.format(
                    "%-20s   %s %s",
                    "", one.byAnonVma() ? "--anon-vma" : "--variant", String.join(" ", one.variants())));
            if (!one.source().isEmpty()) {
                lines.add(String.format("%-20s   from %s", "", one.source()));
            }
        }
        Scenarios.notYet().forEach((name, why) -> lines.add(String.format("%-20s not yet: waits for %s", name, why)));
        return lines;
    }

    private static String strategy(String option, Strategy one) {
        return String.format(
                "%-27s %s%s", option + one.name(), one.description(), one.knownBad() ? " (known bad)" : "");
    }

    private static List<String> bugs() {
        List<String> lines = new ArrayList<>();
        for (Scenario one : Scenarios.all()) {
            for (Bug bug : one.bugs()) {
                lines.add(bug.title());
                lines.add("    kernels   " + bug.kernels());
                lines.add("    commits   " + bug.commits());
                lines.add("    shown by  " + String.join(", ", BugCommands.of(one, bug)));
                lines.add("    from      " + one.source());
            }
        }
        return lines;
    }

    @Override
    public Integer call() {
        plugins.load();
        Map<String, List<String>> lists = lists();
        UsageException.requireOneOf("list", what, lists.keySet());
        lists.get(what).forEach(System.out::println);
        return 0;
    }
}
