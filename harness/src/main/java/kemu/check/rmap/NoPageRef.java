package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.rules.AnonVmaRuleSets;

/**
 * The second mapped test means something only if the page is still the same: whoever looks holds a reference on it.
 * Without one the page is freed and mapped again by another process, the test passes, and what is returned is the
 * anon_vma that the page had in its last life (I6).
 */
final class NoPageRef implements RmapScenario {
    private static final String WITH = "with";
    private static final String WITHOUT = "without";
    /** The pages that exit frees last, of which the page is the first: it, that of the gather, the page directory. */
    private static final int COPIES = 3;

    private final int copies;

    NoPageRef() {
        this(COPIES);
    }

    /** With another number of pages taken after the exit; if they are too few, the page is not among them. */
    NoPageRef(int copies) {
        this.copies = copies;
    }

    @Override
    public String name() {
        return "rmap-no-pageref";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma with or without a reference on the page, against exit and reuse of the page";
    }

    @Override
    public List<String> variants() {
        return Stream.concat(
                        Stream.of(WITH, WITHOUT),
                        RmapScenario.foreignLookups().stream()
                                .flatMap(lookup -> Stream.of(WITH + "-" + lookup, WITHOUT + "-" + lookup)))
                .toList();
    }

    @Override
    public String lookup(String variant) {
        String prefix = variant.startsWith(WITHOUT) ? WITHOUT : WITH;
        return variant.equals(prefix) ? "root-recheck" : variant.substring(prefix.length() + 1);
    }

    @Override
    public boolean knownBad(String variant) {
        return variant.startsWith(WITHOUT);
    }

    @Override
    public KernelConfig configure(String variant) {
        return RmapScenario.kernel(lookup(variant), AnonVmaRuleSets.CURRENT);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(WITHOUT) ? Expectation.fails(FailureKind.RMAP_I6) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        boolean referenced = !variant.startsWith(WITHOUT);
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newWriter(boot);
        long parent = scene.newWriter(boot);
        long[] children = new long[copies];
        for (int i = 0; i < copies; i++) {
            children[i] = scene.fork(boot, parent);
        }
        long page = scene.isolatedPage(boot, owner);
        if (!referenced) {
            kernel.pages().putPage(boot, page);
        }
        scene.task(0, "reclaim", cpu -> look(kernel, cpu, page));
        scene.task(1, "exit+copy", cpu -> {
            scene.exit(cpu, owner);
            // The copy of a shared page takes a free page, and there is an anon_vma for it already.
            for (long child : children) {
                scene.write(cpu, child);
            }
        });
        return cpu -> {
            boolean reused = false;
            for (long child : children) {
                reused |= kernel.pages().pageOf(Pte.frame(scene.pte(cpu, child))) == page;
                scene.exit(cpu, child);
            }
            if (reused == referenced) {
                throw new SceneBroken(reused ? "a page was reused that is referenced" : "the page was not reused");
            }
            scene.exit(cpu, parent);
        };
    }

    /** A lookup that must return the anon_vma of the page that is mapped now, or none. */
    private static void look(Kernel kernel, Cpu cpu, long page) {
        long found = kernel.anonVmas().locking().pageLockAnonVma(cpu, page);
        if (found == Cpu.NULL) {
            return;
        }
        // A page that is mapped and names another anon_vma is in its next life.
        long named = Page.MAPPING.readOnce(cpu, page);
        if (Page.isMapped(cpu, page) && named != (found | Page.MAPPING_ANON)) {
            throw new Violation(
                    FailureKind.RMAP_I6,
                    "BUG: the lookup of page 0x" + Long.toHexString(page) + " returns anon_vma 0x"
                            + Long.toHexString(found) + " of its last life, while its mapping is 0x"
                            + Long.toHexString(named) + " (I6), on CPU#" + cpu.id());
        }
        kernel.anonVmas().locking().pageUnlockAnonVma(cpu, found);
    }
}
