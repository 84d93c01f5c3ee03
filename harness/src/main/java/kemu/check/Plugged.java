package kemu.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Subject;
import kemu.kernel.locking.SpinLockProvider;
import kemu.kernel.locking.SpinLocks;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.rmap.lock.AnonVmaLockings;
import kemu.mm.strategy.Strategy;
import kemu.mm.vma.lookup.VmaLookups;
import kemu.workload.WorkloadProvider;
import kemu.workload.Workloads;

/**
 * One thing that another author has added.
 *
 * @param kind what a name of this kind is called in messages
 * @param name the name on the command line
 * @param provider made for this question; says where its class comes from
 */
record Plugged(String kind, String name, Object provider) {
    /** What of {@code subject} comes from other authors. */
    static List<Plugged> of(Subject subject) {
        Scenario scenario = Scenarios.byName(subject.scenario());
        List<Plugged> found = new ArrayList<>();
        if (scenario != null && isForeign(scenario)) {
            found.add(new Plugged("scenario", scenario.name(), scenario));
        }
        if (scenario != null) {
            found.addAll(strategies(new Chosen(
                    scenario.lookup(subject.variant()),
                    scenario.vmaLookup(subject.variant()),
                    scenario.mlock(subject.variant()),
                    subject.spinLock())));
        }
        return found;
    }

    /** What of a run of {@code workload} comes from other authors. */
    static List<Plugged> of(String workload, Chosen chosen) {
        List<Plugged> found = new ArrayList<>();
        for (WorkloadProvider one : Workloads.foreign()) {
            if (one.name().equals(workload)) {
                found.add(new Plugged("workload", one.name(), one));
            }
        }
        found.addAll(strategies(chosen));
        return found;
    }

    private static List<Plugged> strategies(Chosen chosen) {
        List<Plugged> found = new ArrayList<>();
        for (SpinLockProvider one : SpinLocks.foreign()) {
            if (one.name().equals(chosen.spinLock())) {
                found.add(new Plugged("spinlock", one.name(), one));
            }
        }
        return Stream.of(
                        of("strategy", AnonVmaLockings.foreign(), chosen.anonVma()),
                        of("vma-lookup", VmaLookups.foreign(), chosen.vmaLookup()),
                        of("mlock", Mlockings.foreign(), chosen.mlock()),
                        found.stream())
                .flatMap(each -> each)
                .toList();
    }

    private static Stream<Plugged> of(String kind, List<? extends Strategy> foreign, String name) {
        return foreign.stream()
                .filter(one -> Objects.equals(one.name(), name))
                .map(one -> new Plugged(kind, name, one));
    }

    /** Their kinds and names, one of which is to blame for what goes wrong; null if there are none. */
    static String names(List<Plugged> all) {
        return all.isEmpty()
                ? null
                : all.stream().map(one -> one.kind + " " + one.name).collect(Collectors.joining(" or "));
    }

    private static boolean isForeign(Object provider) {
        return !provider.getClass().getName().startsWith("kemu.")
                || provider.getClass().getClassLoader() != Plugged.class.getClassLoader();
    }

    /**
     * The strategies of a run or a check; null where it is about none of a kind.
     *
     * @param anonVma how a page's anon_vma is found
     * @param vmaLookup how a fault finds its VMA
     * @param mlock how pages are mlocked
     * @param spinLock algorithm of spinlocks
     */
    record Chosen(String anonVma, String vmaLookup, String mlock, String spinLock) {}
}
