package kemu.check.walk;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/**
 * mremap holds the locks of both places of a pte while it has it in hand. A walk that looks without them finds both
 * places empty, whichever it comes to first; one that takes them needs the right order, which is rmap-mremap-order.
 */
final class MremapPeek implements OwnVariants {
    private static final String LOCKS = "locks-old-first";
    private static final String WAITS = "peeks-waits";

    @Override
    public String name() {
        return "rmap-mremap-peek";
    }

    @Override
    public String description() {
        return "mremap with a pte in hand, and a walk that must find it and looks at ptes without their lock";
    }

    @Override
    public String source() {
        return "Linux 3.0 mm/migrate.c, remove_migration_pte(); 486cf46f3f9b (3.1)";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a walk of migration looks at a pte without its lock and misses one that mremap is moving",
                "until 3.0",
                "",
                "486cf46f3f9b (3.1)",
                "peeks-old-first",
                "peeks-new-first"));
    }

    @Override
    public List<String> variants() {
        return List.of(LOCKS, "peeks-old-first", "peeks-new-first", "locks-new-first", WAITS);
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0).withVmaRules(variant.equals(WAITS) ? "moves-locked" : "moves-as-it-is");
    }

    @Override
    public Expectation expected(Subject subject) {
        return List.of(LOCKS, WAITS).contains(subject.variant())
                ? Expectation.HOLDS
                : Expectation.fails(FailureKind.RMAP_MISSED);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        MustFind.Look look = variant.startsWith("peeks") ? MustFind.Look.PEEK : MustFind.Look.LOCKED;
        MovedPte.Into into = variant.endsWith("new-first") ? MovedPte.Into.OLDER_VMA : MovedPte.Into.NEW_VMA;
        return MovedPte.build(kernel, into, (cpu, page) -> MustFind.migrates(kernel, cpu, page, look));
    }
}
