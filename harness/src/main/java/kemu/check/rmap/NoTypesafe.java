package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * Every lookup touches an anon_vma that it has not pinned yet. RCU keeps that memory of its type only because the cache
 * is SLAB_DESTROY_BY_RCU; from a plain cache an empty slab's page goes while the looker is in its RCU section.
 */
final class NoTypesafe implements RmapScenario {
    private static final String PLAIN = "plain-";
    /** The lookups of which, where stores come late, a search may find the race before it finds the use after free. */
    private static final List<String> RACE_FIRST = List.of("root-recheck", "local-lock", "own-lock-first");

    private static final List<String> LOOKUPS =
            List.of("root-recheck", "local-lock", "own-lock-first", "refcount", "root-rwsem", "root-rwsem-revalidate");

    @Override
    public String name() {
        return "rmap-no-typesafe";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma against exit, with anon_vmas of a cache that gives empty slab pages back at once";
    }

    @Override
    public List<String> variants() {
        return Stream.concat(
                        Stream.of("typesafe"),
                        RmapScenario.withForeign(LOOKUPS).stream().map(lookup -> PLAIN + lookup))
                .toList();
    }

    @Override
    public String lookup(String variant) {
        return variant.startsWith(PLAIN) ? variant.substring(PLAIN.length()) : "root-recheck";
    }

    @Override
    public boolean knownBad(String variant) {
        return variant.startsWith(PLAIN);
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel(
                lookup(variant), variant.startsWith(PLAIN) ? "not-typesafe" : AnonVmaRuleSets.CURRENT);
    }

    @Override
    public Expectation expected(Subject subject) {
        if (!subject.variant().startsWith(PLAIN)) {
            return Expectation.HOLDS;
        }
        boolean raceFirst = subject.model().buffers() && RACE_FIRST.contains(lookup(subject.variant()));
        return raceFirst
                ? Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE)
                : Expectation.fails(FailureKind.USE_AFTER_FREE).withSigns(FailureKind.DATA_RACE);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newWriter(boot);
        NoMappedTest.leaveAlone(kernel.anonVmas().cache(), boot);
        long page = scene.isolatedPage(boot, owner);
        Looker.task(kernel, scene, page);
        scene.task(1, "exit", cpu -> scene.exit(cpu, owner));
        return cpu -> {};
    }
}
