package kemu.project;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import kemu.check.Scenarios;
import kemu.check.scenario.Scenario;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cache.model.MemoryModelProvider;
import kemu.kernel.locking.SpinLockProvider;
import kemu.kernel.locking.SpinLocks;
import kemu.mm.rmap.AnonVmaLockingProvider;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategies;
import kemu.workload.WorkloadProvider;
import kemu.workload.Workloads;

/** What a project may be for. */
public enum PluginKind {
    /** How a page's anon_vma is found and pinned. */
    STRATEGY(
            AnonVmaLockingProvider.class,
            "Locking",
            () -> Strategies.names(AnonVmaLockings.all()),
            "check all --anon-vma @name@ --variant @name@",
            "run kbuild --anon-vma @name@"),
    /** An algorithm of spinlocks. */
    SPINLOCK(
            SpinLockProvider.class,
            "SpinLocks",
            () -> List.of(SpinLocks.names()),
            "check rmap-hang-child --spinlock @name@",
            "run kbuild --spinlock @name@"),
    /** A race to explore. */
    SCENARIO(
            Scenario.class,
            "Scenario",
            () -> Scenarios.named().stream().map(Scenario::name).toList(),
            "check @name@",
            "check @name@ --variant no-look"),
    /** What CPUs may do to the order of accesses. */
    MODEL(
            MemoryModelProvider.class,
            "Model",
            MemoryModel::names,
            "litmus corpus:shapes --model @name@",
            "check rcu-publish --weaken rcu.ASSIGN_POINTER:release --model @name@"),
    /** What processes do in a run. */
    WORKLOAD(WorkloadProvider.class, "Workload", Workloads::names, "run @name@", "run @name@ --duration 60s");

    private final Class<?> service;
    private final String suffix;
    private final Supplier<List<String>> taken;
    private final List<String> commands;

    PluginKind(Class<?> service, String suffix, Supplier<List<String>> taken, String... commands) {
        this.service = service;
        this.suffix = suffix;
        this.taken = taken;
        this.commands = List.of(commands);
    }

    /** The word on the command line. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All words. */
    public static List<String> words() {
        return Arrays.stream(values()).map(PluginKind::word).toList();
    }

    /** The kind called {@code word}, which is among {@link #words}. */
    public static PluginKind of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** Names of this kind that are in use. */
    public List<String> taken() {
        return taken.get();
    }

    /** What a plugin implements. */
    Class<?> service() {
        return service;
    }

    /** The simple name of the class that is called {@code name} on the command line. */
    String className(String name) {
        StringBuilder camel = new StringBuilder();
        for (String part : name.split("-")) {
            camel.append(Character.toUpperCase(part.charAt(0))).append(part.substring(1));
        }
        return camel + suffix;
    }

    /**
     * What to type once the jar of {@code name} is built, after {@code ./kemu}: one that judges it, one that uses it.
     */
    List<String> commands(String name) {
        List<String> typed = new ArrayList<>();
        commands.forEach(one -> typed.add(one.replace("@name@", name)));
        return typed;
    }
}
