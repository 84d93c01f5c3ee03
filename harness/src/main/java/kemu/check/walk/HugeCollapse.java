package kemu.check.walk;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;
import static kemu.check.vma.Fixture.RW;

import java.util.List;
import java.util.Map;
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
import kemu.mm.huge.rules.CollapseRuleSets;
import kemu.mm.khugepaged.Khugepaged;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;

/**
 * khugepaged makes a huge page of small ones, beside somebody who is in its way. It empties the PMD first, and gives it
 * back if a page turns out to be in use: so a walk that must find every pte, of a page that it has isolated and locked
 * itself, finds none in between unless the lock of the anon_vma keeps it out. If the page is the parent's, on another
 * anon_vma of the chain, the lock of the VMA's own is not enough: it takes one lock for the whole tree.
 *
 * <p>A write that found the table before the PMD was empty, and comes after the copy, is lost, unless the flush waits
 * for it. And an address space that exits while khugepaged is at work in it has its tables freed under khugepaged's
 * hands, unless its exit waits for mmap_sem.
 */
final class HugeCollapse implements OwnVariants {
    private static final String WALK = "walk";
    private static final String WALK_UNLOCKED = "walk-unlocked";
    private static final String WALK_ROOT = "walk-root";
    private static final String WALK_OWN = "walk-own";
    private static final String WRITE = "write";
    private static final String WRITE_UNAWAITED = "write-unawaited";
    private static final String EXIT = "exit";
    private static final String EXIT_UNAWAITED = "exit-unawaited";
    private static final Map<String, String> RULES = Map.of(
            WALK_UNLOCKED,
            "walks-not-locked",
            WALK_ROOT,
            "any-anon-vma",
            WALK_OWN,
            "any-anon-vma",
            WRITE_UNAWAITED,
            "accesses-not-awaited",
            EXIT_UNAWAITED,
            "exit-goes-on");
    private static final long AT = BASE + HugePages.SIZE - 1 & -HugePages.SIZE;
    private static final long IN_THE_MIDDLE = AT + 3 * PAGE;
    private static final long OLD = 7;
    private static final long NEW = 8;

    @Override
    public String name() {
        return "rmap-thp-collapse";
    }

    @Override
    public String description() {
        return "khugepaged collapses small pages beside a walk that must find every pte, a write, or the exit";
    }

    @Override
    public String source() {
        return "Linux 2.6.38 mm/huge_memory.c, collapse_huge_page(), __khugepaged_exit(); ba76149f47d8";
    }

    @Override
    public List<String> variants() {
        return List.of(WALK, WALK_UNLOCKED, WALK_ROOT, WALK_OWN, WRITE, WRITE_UNAWAITED, EXIT, EXIT_UNAWAITED);
    }

    /** A huge page must lie in a row. */
    @Override
    public long memory() {
        return 12L << 20;
    }

    /** A table of 512 ptes takes long to look at: all interleavings are too many. What fails does so with one. */
    @Override
    public int deviations(Subject subject) {
        return 1;
    }

    @Override
    public KernelConfig configure(String variant) {
        return new KernelConfig(variant.equals(WALK_OWN) ? "local-lock" : "root-recheck", 0)
                .withThp(HugePages.ALWAYS)
                .withKhugepaged(Khugepaged.PAGES_TO_SCAN)
                .withCollapse(RULES.getOrDefault(variant, CollapseRuleSets.CURRENT));
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case WALK_UNLOCKED, WALK_OWN -> Expectation.fails(FailureKind.RMAP_MISSED);
            // The page is freed as soon as it is copied, and the write comes to a free frame.
            case WRITE_UNAWAITED -> Expectation.fails(FailureKind.DATA_RACE, FailureKind.USER_MEMORY);
            // What is lost first depends on how far exit has come: tables, or the count of pages.
            case EXIT_UNAWAITED -> Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.ACCOUNTING);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = small(kernel, scene, boot, variant.equals(WALK_ROOT) || variant.equals(WALK_OWN));
        long page = kernel.pages()
                .pageOf(Pte.frame(boot.readOnce64(kernel.pageTable().find(boot, mm, IN_THE_MIDDLE))));
        kernel.lru().drainAll(boot);
        boolean write = variant.startsWith(WRITE);
        boolean exit = variant.startsWith(EXIT);
        scene.task(0, "khugepaged", cpu -> kernel.khugepaged().scan(cpu, Page.HUGE_FRAMES));
        if (write) {
            scene.task(1, "write", cpu -> Fixture.write(kernel, cpu, mm, IN_THE_MIDDLE, NEW));
        } else if (exit) {
            scene.task(1, "exit", cpu -> scene.exit(cpu, mm));
        } else {
            scene.task(1, "migrate", cpu -> migrate(kernel, cpu, page));
        }
        return cpu -> {
            if (!exit) {
                Fixture.expect(kernel, cpu, mm, IN_THE_MIDDLE, write ? NEW : OLD, "its owner");
                scene.exit(cpu, mm);
            }
            kernel.khugepaged().settle(cpu);
        };
    }

    /**
     * An address space that khugepaged knows, with one small page where a huge one fits; of its parent if
     * {@code forked}.
     */
    private static long small(Kernel kernel, Scene scene, Cpu boot, boolean forked) {
        long mm = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, mm, AT, Page.HUGE_FRAMES, RW);
        Fixture.write(kernel, boot, mm, AT, OLD);
        // Splits the huge page, and keeps one of its pages.
        kernel.mmap().madviseDontneed(boot, mm, AT, 3 * PAGE);
        Fixture.write(kernel, boot, mm, IN_THE_MIDDLE, OLD);
        kernel.mmap().madviseDontneed(boot, mm, IN_THE_MIDDLE + PAGE, HugePages.SIZE - 4 * PAGE);
        if (kernel.pageTable().find(boot, mm, IN_THE_MIDDLE) == Cpu.NULL) {
            throw new SceneBroken("there is still a huge page");
        }
        if (!forked) {
            return mm;
        }
        long child = scene.fork(boot, mm);
        scene.exit(boot, mm);
        // It counts as used, and is the parent's still.
        Fixture.read(kernel, boot, child, IN_THE_MIDDLE);
        return child;
    }

    /** What compaction does with a page that it comes across, up to its walk. */
    private static void migrate(Kernel kernel, Cpu cpu, long page) {
        if (Page.test(cpu, page, Page.PG_LRU) && kernel.migration().isolate(cpu, page)) {
            MustFind.migrates(kernel, cpu, page, MustFind.Look.LOCKED);
            kernel.migration().putback(cpu, page);
        }
    }
}
