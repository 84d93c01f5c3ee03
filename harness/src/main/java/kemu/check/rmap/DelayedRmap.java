package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * "Mapped means alive" is what lookups rest on: exit lets the mapcount fall before it unlinks the anon_vma. Falling
 * later, where the page is freed, it makes every lookup trust an anon_vma that is free or another's by then. The looker
 * finds a page that is mapped and an anon_vma without VMAs; a pin does not help if it came before the unlink.
 */
final class DelayedRmap implements RmapScenario {
    private static final String AT_ZAP = "at-zap-";
    private static final String LATE = "late-";
    private static final List<String> LOOKUPS =
            List.of("root-recheck", "refcount", "root-rwsem", "root-rwsem-revalidate");

    @Override
    public String name() {
        return "rmap-delayed-rmap";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma against an exit whose mapcounts fall after the anon_vma is unlinked (November 2022)";
    }

    @Override
    public String source() {
        return "mails of Hugh Dickins and Linus Torvalds, November 2022; anonymous pages were left out";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "pages count as mapped after their anon_vma is unlinked, lookups trust what is freed",
                "in no release: found in tests of a patch of November 2022",
                "",
                "the patch as merged, which leaves anonymous pages out",
                "late-root-rwsem"));
    }

    @Override
    public List<String> variants() {
        return Stream.of(AT_ZAP, LATE)
                .flatMap(when -> RmapScenario.withForeign(LOOKUPS).stream().map(lookup -> when + lookup))
                .toList();
    }

    @Override
    public String lookup(String variant) {
        return variant.substring((variant.startsWith(AT_ZAP) ? AT_ZAP : LATE).length());
    }

    @Override
    public boolean knownBad(String variant) {
        return variant.startsWith(LATE);
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel(
                lookup(variant), variant.startsWith(AT_ZAP) ? AnonVmaRuleSets.CURRENT : "mapcount-at-flush");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().startsWith(LATE) ? Expectation.fails(FailureKind.RMAP_I1) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long parent = scene.newWriter(boot);
        long child = scene.forkWriter(boot, parent);
        long page = scene.isolatedPage(boot, child);
        Looker.task(kernel, scene, page);
        scene.task(1, "exit", cpu -> scene.exit(cpu, child));
        return cpu -> scene.exit(cpu, parent);
    }
}
