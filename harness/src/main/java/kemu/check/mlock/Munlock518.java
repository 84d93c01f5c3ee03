package kemu.check.mlock;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.VmArea;

/**
 * munlock() against the pagevec that the page is still in. The page of a file was read and mapped by a locked VMA, so
 * PG_mlocked is set, and it is on no list yet: munlock does not find it there, and clears PG_mlocked without lru_lock.
 *
 * <p>What 2009 made sure of, that munlock clears PG_mlocked before it looks for PG_lru, was turned round in 5.18: it
 * takes the page off its list first. So between its look and its clearing the page may leave the pagevec, be found
 * mlocked, and go to the unevictable list. No barrier helps against that, and the comment of lru_add, which says that
 * PG_mlocked is only cleared with lru_lock held, is not true of a page that is on no list. The page stays where no
 * reclaim looks until it is mlocked and munlocked once more, or freed.
 *
 * <pre>{@code
 * CPU 0: lru_add, lru_lock held          CPU 1: munlock
 *                                        PG_lru? no: on no list, so no lock
 * set PG_lru
 * PG_mlocked? yes: unevictable list
 *                                        test_and_clear PG_mlocked: munlocked, and left there
 * }</pre>
 *
 * <p>This is an interleaving of a machine that reorders nothing. Bounds of the other verdict, that with lru_lock held
 * for the clearing nothing is stranded: two CPUs, one page in one pagevec, one munlock, all interleavings on sc and
 * tso; elsewhere within two deviations. What the kernel does besides is left out: it collects pages to munlock in a
 * pagevec of their own, which moves the window and does not close it, and takes a page off its list by clearing PG_lru
 * ({@link kemu.mm.page.MlockCounts}).
 */
final class Munlock518 implements MlockScenario {
    /** Ends the message where the kernel tolerates what it says. */
    static final String MENDED = ", until it is mlocked and munlocked once more";

    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;

    @Override
    public String name() {
        return "mlock-munlock-518";
    }

    @Override
    public String description() {
        return "munlock() of a page that leaves its pagevec: on which list does it end up? (5.18)";
    }

    @Override
    public String source() {
        return "Linux 5.18 mm/swap.c __pagevec_lru_add_fn(), mm/mlock.c __munlock_page()";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "munlock() of a page in another CPU's pagevec leaves it on the unevictable list, unlocked",
                "5.18 to at least 6.13 (by analysis)",
                "07ca76067308",
                "none: it is mended when the page is next mlocked or freed",
                "rmap-counted"));
    }

    @Override
    public List<String> variants() {
        return List.of("rmap-counted-locked", "rmap-counted");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("rmap-counted")
                ? Expectation.fails(FailureKind.STRANDED_PAGE)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        long mm = kernel.mms().mmAlloc(boot);
        long file = kernel.files().open(boot, 42);
        long flags = VmArea.VM_READ | VmArea.VM_LOCKED;
        if (kernel.mmap().mmap(boot, mm, BASE, PAGE, flags, true, file, 0) != BASE) {
            throw new SceneBroken("mmap fails");
        }
        if (kernel.vmStat().sum(boot, VmStatItem.NR_MLOCK) != 1) {
            throw new SceneBroken("the page is not mlocked");
        }
        long page = kernel.pageCache().find(boot, file, 0);
        kernel.pages().putPage(boot, page);
        if (Page.test(boot, page, Page.PG_LRU)) {
            throw new SceneBroken("the page is in no pagevec");
        }
        scene.task(0, "lru_add", cpu -> kernel.lru().drain(cpu));
        scene.task(1, "munlock", cpu -> {
            if (kernel.mlock().munlock(cpu, mm, BASE, PAGE) != 0) {
                throw new SceneBroken("munlock fails");
            }
        });
        return cpu -> {
            if (kernel.lru().size(cpu, Lru.UNEVICTABLE) != 0) {
                boolean mended = kernel.mlock().mlockDrained(cpu, mm, BASE, PAGE) == 0
                        && kernel.mlock().munlock(cpu, mm, BASE, PAGE) == 0
                        && kernel.lru().size(cpu, Lru.UNEVICTABLE) == 0;
                throw new Violation(
                        FailureKind.STRANDED_PAGE,
                        "BUG: a page that nobody locks is stranded on the unevictable list"
                                + (mended ? MENDED : ", also when it is mlocked and munlocked once more"));
            }
            scene.exit(cpu, mm);
            kernel.files().put(cpu, file);
        };
    }
}
