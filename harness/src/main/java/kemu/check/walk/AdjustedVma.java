package kemu.check.walk;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;
import static kemu.check.vma.Fixture.READ;
import static kemu.check.vma.Fixture.RW;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;

/**
 * vma_adjust moves the start of a VMA: vm_start first, then vm_pgoff. A walk that reads one before and the other after
 * takes the page to lie elsewhere. Its lock must keep vma_adjust out, which a lock of the VMA's own anon_vma does not
 * if the page is the parent's, on another anon_vma of the chain; one lock for the whole tree does, as did the one
 * anon_vma of a family before there were chains.
 *
 * <p>In the last variants the VMA that is changed was never touched, and the start of the next one moves, which has the
 * page. Until 3.6 nothing was locked then, though the root's lock was meant to be.
 */
final class AdjustedVma implements OwnVariants {
    private static final String ROOT = "root";
    private static final String NONE = "none";
    private static final String OWN = "own";
    private static final String FAMILY = "family";
    private static final String RECLAIM = "none-reclaim";
    private static final String NEXT = "next";
    private static final String NEXT_UNLOCKED = "next-unlocked";

    @Override
    public String name() {
        return "rmap-vma-adjust";
    }

    @Override
    public String description() {
        return "the start of a VMA moves, and a walk that must find every pte reads it half changed";
    }

    @Override
    public String source() {
        return "Linux 2.6.33 to 3.7 mm/mmap.c, vma_adjust(); Andrea Arcangeli and Rik van Riel, April and May 2010";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(
                new Bug(
                        "vma_adjust moves the start of a VMA under a walk of migration, which misses a pte",
                        "2.6.34 and 2.6.35",
                        "5beb49305251",
                        "012f18004da3 and its series (2.6.36-rc1)",
                        NONE),
                new Bug(
                        "the same if mprotect lets the next VMA grow and the first was never touched",
                        "2.6.36 to 3.6, found by kemu",
                        "",
                        "bf181b9f9d8d (3.7), which needed it for its tree",
                        NEXT_UNLOCKED));
    }

    @Override
    public List<String> variants() {
        return List.of(ROOT, NONE, OWN, FAMILY, RECLAIM, NEXT, NEXT_UNLOCKED);
    }

    @Override
    public KernelConfig configure(String variant) {
        return switch (variant) {
            case NONE, RECLAIM -> KernelConfig.of(0).withVmaRules("adjusts-unlocked");
            case NEXT_UNLOCKED -> KernelConfig.of(0).withVmaRules("adjusts-under-own");
            case OWN -> new KernelConfig("local-lock", 0);
            case FAMILY -> new KernelConfig("local-lock", 0).withAnonVmaRules("one-for-family");
            default -> KernelConfig.of(0);
        };
    }

    @Override
    public Expectation expected(Subject subject) {
        return List.of(NONE, OWN, NEXT_UNLOCKED).contains(subject.variant())
                ? Expectation.fails(FailureKind.RMAP_MISSED)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        boolean next = variant.startsWith(NEXT);
        long parent = kernel.mms().mmAlloc(boot);
        long at = BASE + 2 * PAGE;
        if (next) {
            Fixture.map(kernel, boot, parent, BASE, 2, READ);
            Fixture.map(kernel, boot, parent, at, 1, RW);
        } else {
            Fixture.map(kernel, boot, parent, BASE, 3, RW);
        }
        Fixture.write(kernel, boot, parent, at, 1);
        long mm = next ? parent : scene.fork(boot, parent);
        long page = kernel.pages()
                .pageOf(Pte.frame(boot.readOnce64(kernel.pageTable().find(boot, parent, at))));
        Page.get(boot, page);
        scene.task(0, "migrate", cpu -> {
            if (variant.equals(RECLAIM)) {
                MustFind.reclaims(kernel, cpu, page);
            } else {
                MustFind.migrates(kernel, cpu, page, MustFind.Look.LOCKED);
            }
        });
        scene.task(1, "mprotect", cpu -> {
            if (next) {
                Fixture.protect(kernel, cpu, mm, BASE + PAGE, 1, RW);
            } else {
                Fixture.protect(kernel, cpu, mm, BASE + PAGE, 2, READ);
            }
        });
        return cpu -> {
            kernel.pages().putPage(cpu, page);
            if (mm != parent) {
                scene.exit(cpu, mm);
            }
            scene.exit(cpu, parent);
        };
    }
}
