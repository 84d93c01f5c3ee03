package kemu.check.mlock;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.mlock.PageMlock;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;

/**
 * Two who let go of one page at the same time, as munlock() under the page lock and the last unmapping under the pte
 * lock may: who counts it? Whoever clears PG_mlocked, if test and clearing are one step.
 */
final class NrMlock implements MlockScenario {
    private static final String ATOMIC = "test-and-clear";
    private static final String TWO_STEPS = "test-then-clear";

    /** Test and clearing in two steps. No kernel did so. */
    private static final class TwoSteps extends PageMlock {
        TwoSteps(Kernel kernel) {
            super(kernel.mlockServices());
        }

        @Override
        protected boolean testClear(Cpu cpu, long page) {
            boolean set = Page.test(cpu, page, Page.PG_MLOCKED);
            if (set) {
                Page.FLAGS.clearBits(cpu, page, Page.PG_MLOCKED);
            }
            return set;
        }
    }

    @Override
    public String name() {
        return "mlock-nr-mlock";
    }

    @Override
    public String description() {
        return "two CPUs clear PG_mlocked of one page: is it counted once?";
    }

    @Override
    public String source() {
        return "Linux 3.7 mm/mlock.c clear_page_mlock(), munlock_vma_page()";
    }

    @Override
    public List<String> variants() {
        return List.of(ATOMIC, TWO_STEPS);
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(ATOMIC) ? Expectation.HOLDS : Expectation.fails(FailureKind.ACCOUNTING);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        PageMlock mlock = variant.equals(ATOMIC) ? new PageMlock(kernel.mlockServices()) : new TwoSteps(kernel);
        long page = kernel.pages().allocPages(boot, Gfp.KERNEL | Gfp.ZERO, 0);
        Page.FLAGS.setBits(boot, page, Page.PG_MLOCKED);
        kernel.vmStat().inc(boot, VmStatItem.NR_MLOCK);
        kernel.lru().addUnevictable(boot, page);
        for (int on = 0; on < 2; on++) {
            scene.task(on, "munlock" + on, cpu -> mlock.clear(cpu, page));
        }
        // The audit at rest counts the pages.
        return cpu -> {};
    }
}
