package kemu.check.mlock;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.mlock.PageMlock;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.MlockCounts;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;

/**
 * CPU 0 puts an mlocked page on a list: it sets PG_lru, then looks at PG_mlocked. CPU 1 clears PG_mlocked, then looks
 * at PG_lru to take the page off its list. If both miss what the other has done the page stays on the unevictable list
 * though nobody locks it.
 *
 * <p>With both flags in one word that cannot be, fence or not: all accesses to one word have one order that all CPUs
 * agree on, and each CPU's look follows its own change there. If the clearing comes before the setting, CPU 0 looks
 * after both and sees PG_mlocked clear; if it comes after, CPU 1 looks after both and sees PG_lru. Two words have no
 * common order: each change may wait in its CPU's store buffer while both look, or either look be satisfied by a copy
 * of the line that is out of date.
 *
 * <p>With lru_lock held for the clearing as well the two have an order again, in one word or two: who is second has the
 * lock after the other has dropped it. Munlock of 5.18 does so only for a page that it has found on a list, and it
 * looks before it clears: what it then does not find there it clears without the lock, whatever barrier the other has.
 */
final class PutbackBarrier implements MlockScenario {
    /** Ends the names of variants that clear PG_mlocked with lru_lock held. */
    private static final String UNDER_LOCK = "-cleared-under-lock";
    /** Why one word needs no fence. */
    static final String COHERENCE = "nothing is missed: PG_lru and PG_mlocked are bits of one word, and coherence puts"
            + " all accesses to one location in one order; whoever changes its bit second sees the other's, with or"
            + " without a fence";

    private final String name;
    private final String description;
    private final List<String> variants;
    /** Whether the page waits in CPU 0's pagevec, else reclaim holds it. */
    private final boolean inPagevec;

    PutbackBarrier(String name, String description, List<String> variants, boolean inPagevec) {
        this.name = name;
        this.description = description;
        this.variants = variants;
        this.inPagevec = inPagevec;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<String> variants() {
        return variants;
    }

    @Override
    public String source() {
        return "6a7b95481d49 (2.6.32-rc6) mm/vmscan.c, putback_lru_page(); 9c4e6b1a7027 (4.16) mm/swap.c";
    }

    @Override
    public Expectation expected(Subject subject) {
        String variant = subject.variant();
        boolean fails = variant.equals("pagevec-test-first")
                || variant.equals("rmap-counted")
                || variant.startsWith("split")
                        && variant.endsWith("without-barrier")
                        && subject.model().buffers()
                        // The setting is a locked instruction there, which waits until the store buffer is empty.
                        && !(variant.contains("atomic") && subject.model().atomicsAreFences());
        if (fails) {
            return Expectation.fails(FailureKind.STRANDED_PAGE);
        }
        return variant.endsWith("without-barrier") && !variant.startsWith("split")
                ? Expectation.HOLDS.because(COHERENCE)
                : Expectation.HOLDS;
    }

    @Override
    public List<Bug> bugs() {
        return variants.contains("rmap-counted")
                ? List.of(new Bug(
                        "a page is munlocked on its way to a list, without lru_lock, and stays on the unevictable one",
                        "5.18 to at least 6.13 (by analysis; without its fence 2.6.32-rc5 does not fail: one word)",
                        "07ca76067308",
                        "none: it is mended when the page is next mlocked or freed",
                        "rmap-counted"))
                : List.of();
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0).withMlock(variant.replace(UNDER_LOCK, ""));
    }

    /** TestClearPageMlocked with lru_lock held. */
    private static final class LockedClear extends PageMlock {
        private final Lru lru;

        LockedClear(Kernel kernel) {
            super(kernel.mlockServices());
            lru = kernel.lru();
        }

        @Override
        protected boolean testClear(Cpu cpu, long page) {
            lru.lockIrq(cpu);
            boolean set = super.testClear(cpu, page);
            lru.unlockIrq(cpu);
            return set;
        }
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        PageMlock mlock =
                variant.endsWith(UNDER_LOCK) ? new LockedClear(kernel) : new PageMlock(kernel.mlockServices());
        MlockCounts counts = kernel.lru().mlockCounts();
        long page = kernel.pages().allocPages(boot, Gfp.KERNEL | Gfp.ZERO, 0);
        // One reference for each of the two.
        Page.get(boot, page);
        Page.FLAGS.setBits(boot, page, Page.PG_MLOCKED);
        kernel.vmStat().inc(boot, VmStatItem.NR_MLOCK);
        if (inPagevec) {
            kernel.lru().putback(boot, page);
            scene.task(0, "lru_add", cpu -> kernel.lru().drain(cpu));
        } else {
            scene.task(0, "putback", cpu -> kernel.lru().putback(cpu, page));
        }
        boolean counted = counts != null;
        boolean alwaysLocked = variant.equals("rmap-counted-locked");
        scene.task(1, "munlock", cpu -> {
            if (counted) {
                counts.munlock(cpu, page, alwaysLocked);
            } else {
                mlock.clear(cpu, page);
            }
        });
        return cpu -> {
            if (kernel.lru().size(cpu, Lru.UNEVICTABLE) != 0) {
                throw new Violation(
                        FailureKind.STRANDED_PAGE, "BUG: a page that nobody locks is stranded on the unevictable list");
            }
        };
    }
}
