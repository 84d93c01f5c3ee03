package kemu.check.walk;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;
import static kemu.check.vma.Fixture.RW;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kemu.check.rmap.Chains;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.pgtable.Pte;
import kemu.mm.vma.rules.VmaRuleSets;

/**
 * mremap moves a mapping that has pages beside one that was never touched. If that one grows over them and gets no
 * anon_vma, the pages dangle: with the old mapping the last VMA of their anon_vma goes.
 *
 * <p>The mapping is away when its neighbours are made and comes back to where its pages have their numbers from: that
 * is how offsets fit without MREMAP_DONTUNMAP. A second patch of 6.18.8 refuses the merge to what a fork has made. The
 * card expects unequal chains (I10) without it, but the copy of a child's chain is whole, and kemu finds nothing wrong:
 * the patch keeps chains of a process from becoming longer than they must, as its text says.
 */
final class MergeUnfaulted implements OwnVariants {
    private static final Map<String, String> RULES = Map.of(
            "same-only", VmaRuleSets.CURRENT,
            "into-anything", "copies-into-anything",
            "not-copied", "copies-not-duplicated",
            "copied", "copies-duplicated",
            "copied-unless-forked", "copies-duplicated-unless-forked");
    private static final List<String> IN_ORDER =
            List.of("same-only", "into-anything", "not-copied", "copied", "copied-unless-forked");
    private static final List<String> BAD = List.of("into-anything", "not-copied");
    private static final long AT = BASE + PAGE;
    private static final long AWAY = BASE + 64 * PAGE;

    /** What lies beside the place that the mapping comes back to. */
    enum Beside {
        /** A VMA below that was never touched. */
        BEFORE,
        /** One above. */
        AFTER,
        /** Both. */
        BOTH,
        /** One below, and above it the rest of the mapping, which was. */
        FAULTED_AFTER,
        /** One below; the process is a child, and the mapping has an anon_vma of the parent, too. */
        IN_CHILD;

        private String suffix() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    @Override
    public String name() {
        return "rmap-merge-unfaulted";
    }

    @Override
    public String description() {
        return "mremap to a place beside a VMA that was never touched, then a walk, then exit; no race is needed";
    }

    @Override
    public String source() {
        return "Linux 6.16 mm/vma.c, vma_merge_new_range(); 61f67c230a5e; Linux 2.6.36 mm/mmap.c, copy_vma()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(
                new Bug(
                        "mremap merges pages into a VMA that was never touched, and their anon_vma dangles",
                        "6.16 to 6.18.7",
                        "879bca0a2c4f",
                        "61f67c230a5e (6.18.8)",
                        "not-copied-before",
                        "not-copied-after",
                        "not-copied-both"),
                new Bug(
                        "the same with the merge rule of 2.6.36, which nobody is known to have reported",
                        "2.6.36 to 2.6.39, found by kemu",
                        "",
                        "965f55dea0e3 (3.0), meant for scalability",
                        "into-anything-before"));
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public List<String> variants() {
        return IN_ORDER.stream()
                .flatMap(rule -> Stream.of(Beside.values()).map(beside -> rule + "-" + beside.suffix()))
                .toList();
    }

    private static Beside beside(String variant) {
        return Stream.of(Beside.values())
                .filter(one -> RULES.containsKey(variant.replace("-" + one.suffix(), "")))
                .findFirst()
                .orElseThrow();
    }

    private static String rule(String variant) {
        return variant.replace("-" + beside(variant).suffix(), "");
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0).withVmaRules(RULES.get(rule(variant)));
    }

    @Override
    public Expectation expected(Subject subject) {
        boolean faultedAfter = beside(subject.variant()) == Beside.FAULTED_AFTER;
        return BAD.contains(rule(subject.variant())) && !faultedAfter
                ? Expectation.fails(FailureKind.RMAP_I3)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        Beside beside = beside(variant);
        long parent = kernel.mms().mmAlloc(boot);
        int length = beside == Beside.FAULTED_AFTER || beside == Beside.IN_CHILD ? 2 : 1;
        Fixture.map(kernel, boot, parent, AT, length, RW);
        for (int i = 0; i < length; i++) {
            Fixture.write(kernel, boot, parent, AT + (long) i * PAGE, 1);
        }
        long mm = beside == Beside.IN_CHILD ? scene.fork(boot, parent) : parent;
        if (mm != parent) {
            Fixture.write(kernel, boot, mm, AT, 2);
        }
        int moved = beside == Beside.IN_CHILD ? 2 : 1;
        move(kernel, boot, mm, AT, AWAY, moved);
        if (beside != Beside.AFTER) {
            Fixture.map(kernel, boot, mm, BASE, 1, RW);
        }
        if (beside == Beside.AFTER || beside == Beside.BOTH) {
            Fixture.map(kernel, boot, mm, AT + PAGE, 1, RW);
        }
        scene.task(0, "mremap", cpu -> {
            move(kernel, cpu, mm, AWAY, AT, moved);
            for (int i = 0; i < moved; i++) {
                long address = AT + (long) i * PAGE;
                long page = kernel.pages()
                        .pageOf(Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, address))));
                Chains.check(kernel, cpu, mm, address, page);
                MustFind.migrates(kernel, cpu, page, MustFind.Look.LOCKED);
            }
            scene.exit(cpu, mm);
        });
        return cpu -> {
            if (mm != parent) {
                scene.exit(cpu, parent);
            }
        };
    }

    private static void move(Kernel kernel, Cpu cpu, long mm, long from, long to, int pages) {
        long bytes = (long) pages * PAGE;
        if (kernel.mmap().mremap(cpu, mm, from, bytes, bytes, true, to) != to) {
            throw new SceneBroken("mremap fails");
        }
    }
}
