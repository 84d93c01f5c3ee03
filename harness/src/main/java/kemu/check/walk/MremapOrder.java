package kemu.check.walk;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.rmap.index.AnonVmaIndexes;
import kemu.mm.vma.rules.VmaRuleSets;

/**
 * mremap moves a pte to a VMA that a walk under way has passed. A new VMA is linked last, but an older one that grows
 * stays where it is on the list; and what comes back because memory is out comes to a VMA that was passed first. In an
 * interval tree there is no last place to move a VMA to, which is why 3.7 lets walks wait.
 */
final class MremapOrder implements OwnVariants {
    private static final String BACK = "-back";
    private static final String TREE = "-tree";
    private static final String RECLAIM = "reclaim";
    private static final Map<String, String> RULES = Map.of(
            "waits-if-needed",
            VmaRuleSets.CURRENT,
            "as-it-is",
            "moves-as-it-is",
            RECLAIM,
            "moves-as-it-is",
            "to-tail",
            "moves-to-tail",
            "to-tail-once",
            "moves-to-tail-once",
            "waits",
            "moves-locked");

    @Override
    public String name() {
        return "rmap-mremap-order";
    }

    @Override
    public String description() {
        return "mremap into an older VMA, or half-way and back, and a walk that must find every pte";
    }

    @Override
    public String source() {
        return "Linux 3.1 mm/mmap.c, copy_vma(); 948f017b093a (3.2), 108d6642ad81 (3.7) and 38a76013ad80";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "mremap into an older VMA moves ptes behind a walk of migration, which misses them",
                "2.6.36 to 3.1",
                "26ba0cb63cb8",
                "948f017b093a (3.2)",
                "as-it-is"));
    }

    @Override
    public List<String> variants() {
        return List.of(
                "waits-if-needed",
                "as-it-is",
                "to-tail",
                "waits",
                "waits-if-needed-back",
                "to-tail-back",
                "to-tail-once-back",
                "waits-back",
                "waits-if-needed-tree",
                "to-tail-tree",
                RECLAIM);
    }

    private static String rule(String variant) {
        return variant.replaceFirst("(" + BACK + "|" + TREE + ")$", "");
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0)
                .withVmaRules(RULES.get(rule(variant)))
                .withAnonVmaIndex(variant.endsWith(TREE) ? AnonVmaIndexes.INTERVAL_TREE : AnonVmaIndexes.LIST);
    }

    @Override
    public Expectation expected(Subject subject) {
        if (subject.variant().equals("to-tail-tree")) {
            return Expectation.fails(FailureKind.RMAP_MISSED);
        }
        return switch (rule(subject.variant())) {
            case "as-it-is", "to-tail-once" -> Expectation.fails(FailureKind.RMAP_MISSED);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        MovedPte.Into into = variant.endsWith(BACK) ? MovedPte.Into.AND_BACK : MovedPte.Into.OLDER_VMA;
        return variant.equals(RECLAIM)
                ? MovedPte.build(kernel, into, (cpu, page) -> MustFind.reclaims(kernel, cpu, page))
                : MovedPte.build(
                        kernel, into, (cpu, page) -> MustFind.migrates(kernel, cpu, page, MustFind.Look.LOCKED));
    }
}
