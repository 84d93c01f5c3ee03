package kemu.check.mlock;

import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.Lru;
import kemu.mm.page.MlockAudit;
import kemu.mm.page.ReferenceAudit;
import kemu.mm.page.VmStatItem;

/** What must hold when the threads of {@link MlockMix} have ended, while their processes still are there, and after. */
final class MixedRest {
    private final Kernel kernel;
    private final MlockAudit mlocked;
    private final ReferenceAudit references;
    private final boolean freesMlocked;

    /** What holds pages now may go on doing so. Context: the scene is built. */
    MixedRest(Kernel kernel, Cpu cpu) {
        this.kernel = kernel;
        freesMlocked = Mlockings.byName(kernel.config().mlock()).freesMlocked();
        mlocked = new MlockAudit(kernel.machine(), kernel.pages(), kernel.lru(), kernel.vmStat());
        references = new ReferenceAudit(kernel.machine(), kernel.pages(), kernel.lru(), cpu);
    }

    /** A violation if flags, lists and counters do not agree, or a page was freed that must not be. */
    void audit(Cpu cpu) {
        String wrong = mlocked.audit(cpu) + kernel.lru().audit(cpu) + references.audit(cpu);
        if (!wrong.isEmpty()) {
            throw new Violation(FailureKind.ACCOUNTING, "BUG: with all threads at rest: " + wrong.strip());
        }
        long freed = kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED);
        if (freed != 0 && !freesMlocked) {
            throw new Violation(FailureKind.BAD_PAGE_STATE, "BUG: " + freed + " pages were freed with PG_mlocked");
        }
    }

    /**
     * A violation if anything is locked though nobody is left. Where mlock() sets PG_mlocked after it has let go of the
     * pte lock, truncation may unmap the page in between while reclaim puts it into the swap cache: that page is
     * nobody's, stays locked until its swap entry goes, and is counted when it is freed.
     */
    void auditEmpty(Cpu cpu) {
        audit(cpu);
        if (freesMlocked) {
            return;
        }
        long counted = kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK);
        long listed = kernel.lru().size(cpu, Lru.UNEVICTABLE);
        if (counted != 0 || listed != 0) {
            throw new Violation(
                    FailureKind.ACCOUNTING,
                    "BUG: nr_mlock is " + counted + " and nr_unevictable " + listed + " though nobody is left");
        }
    }
}
