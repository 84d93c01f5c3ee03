package kemu.check.walk;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;
import static kemu.check.vma.Fixture.RW;

import java.util.List;
import java.util.function.Consumer;
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
import kemu.mm.huge.HugePages;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.index.AnonVmaIndexes;

/**
 * A huge page is split while its process forks. The walk of split_huge_page marks every PMD that maps the page, so that
 * fork waits; but a fork that has copied the parent's PMD before it was marked has added one, and the walk must still
 * come to it. So the VMA of a child belongs behind its parent's on the list. In front of it the walk has passed it when
 * its PMD appears, and counts one PMD less than map the page.
 *
 * <p>The process forks only if it still sees a huge page: the copy of 512 ptes, long after the split, has nothing to
 * show and takes most of the time.
 */
final class HugeSplit implements OwnVariants {
    private static final String APPENDED = "appended";
    private static final String TREE = "interval-tree";
    private static final String NEWEST_FIRST = "newest-first";
    private static final long AT = BASE + HugePages.SIZE - 1 & -HugePages.SIZE;
    private static final long IN_THE_MIDDLE = AT + 3 * PAGE;
    private static final int PAGES = Page.HUGE_FRAMES;

    @Override
    public String name() {
        return "rmap-thp-split";
    }

    @Override
    public String description() {
        return "split_huge_page, whose walk must find every PMD, while the process forks";
    }

    @Override
    public String source() {
        return "Linux 2.6.38 mm/huge_memory.c, __split_huge_page(), copy_huge_pmd(); 26ba0cb63cb8 (2.6.36)";
    }

    @Override
    public List<String> variants() {
        return List.of(APPENDED, TREE, NEWEST_FIRST);
    }

    /** A huge page must lie in a row. */
    @Override
    public long memory() {
        return 12L << 20;
    }

    /**
     * A page of 512 takes long to split: all interleavings are too many. The failure of newest-first takes two: what is
     * proved of the others is less than that.
     */
    @Override
    public int deviations(Subject subject) {
        return expected(subject) == Expectation.HOLDS ? 1 : -1;
    }

    @Override
    public KernelConfig configure(String variant) {
        KernelConfig config = KernelConfig.of(0).withThp(HugePages.ALWAYS);
        return switch (variant) {
            case TREE -> config.withAnonVmaIndex(AnonVmaIndexes.INTERVAL_TREE);
            case NEWEST_FIRST -> config.withAnonVmaIndex(AnonVmaIndexes.NEWEST_FIRST);
            default -> config;
        };
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(NEWEST_FIRST) ? Expectation.fails(FailureKind.RMAP_MISSED) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, mm, AT, PAGES, RW);
        Fixture.write(kernel, boot, mm, IN_THE_MIDDLE, 7);
        long pmd = kernel.pageTable().findHuge(boot, mm, AT);
        if (pmd == Cpu.NULL) {
            throw new SceneBroken("there is no huge page");
        }
        long page = kernel.pages().pageOf(Pte.frame(boot.readOnce64(pmd)));
        Page.get(boot, page);
        kernel.lru().drainAll(boot);
        long word = scene.word(boot);
        scene.task(0, "split", cpu -> kernel.huge().splitAround(cpu, page));
        scene.task(1, "fork", cpu -> {
            if (kernel.pageTable().findHuge(cpu, mm, AT) != Cpu.NULL) {
                cpu.write64(word, scene.fork(cpu, mm));
            }
        });
        return cpu -> {
            kernel.pages().putPage(cpu, page);
            long child = cpu.read64(word);
            if (child != Cpu.NULL) {
                Fixture.expect(kernel, cpu, child, IN_THE_MIDDLE, 7, "the child");
            }
            Fixture.expect(kernel, cpu, mm, IN_THE_MIDDLE, 7, "its owner");
            if (child != Cpu.NULL) {
                scene.exit(cpu, child);
            }
            scene.exit(cpu, mm);
        };
    }
}
