package kemu.workload;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.mm.Kernel;
import kemu.mm.mlock.kind.Mlockings;
import kemu.mm.page.Lru;
import kemu.mm.page.MlockAudit;
import kemu.mm.page.ReferenceAudit;
import kemu.mm.page.VmStatItem;

/**
 * What must hold of the kernel of a run while all of its processes sleep: NR_MLOCK counts the pages with PG_mlocked;
 * flags, LRU lists and their counts agree; no page is lost, and no evictable one is on the unevictable list; every
 * reference of a page is accounted for; address spaces are consistent; and no page was freed with PG_mlocked, unless
 * the kernel is one that does that and counts it.
 */
final class RestAudit {
    /** A callback frees an object, whose slab a second one frees; one more for what a third would. */
    private static final int DEPTH_OF_CALLBACKS = 3;
    /** Looks at most until two in a row say the same. */
    static final int MOST_LOOKS = 50;

    private final Kernel kernel;
    private final MlockAudit mlocked;
    private final ReferenceAudit references;
    private final boolean freesMlocked;
    private final Set<Long> mms = ConcurrentHashMap.newKeySet();

    /** What holds pages now, unaccounted for, may go on doing so. Context: no process is running. */
    RestAudit(Kernel kernel, Cpu cpu) {
        this.kernel = kernel;
        hold(cpu);
        settle(cpu);
        mlocked = new MlockAudit(kernel.machine(), kernel.pages(), kernel.lru(), kernel.vmStat());
        references = new ReferenceAudit(kernel.machine(), kernel.pages(), kernel.lru(), cpu);
        release(cpu);
        freesMlocked = Mlockings.byName(kernel.config().mlock()).freesMlocked();
    }

    /** The address space is audited from here on, until {@link #forget}. Context: its process lives. */
    void watch(long mm) {
        mms.add(mm);
    }

    /** The address space may go. */
    void forget(long mm) {
        mms.remove(mm);
    }

    /** Waits until nobody but the caller has anything to do. Context: processes sleep. */
    private void settle(Cpu cpu) {
        kernel.lru().drainAll(cpu);
        for (int i = 0; i < DEPTH_OF_CALLBACKS; i++) {
            kernel.rcu().rcuBarrier(cpu);
        }
        boolean atRest = kernel.vmscan().settle(cpu);
        kernel.lru().drainAll(cpu);
        if (!atRest) {
            throw bug("reclaim does not come to rest", "");
        }
    }

    /** Fails the run, as a bug of the kernel, if anything is wrong {@code when}. Context: all processes sleep. */
    void audit(Cpu cpu, String when) {
        hold(cpu);
        String wrong = confirmed(cpu);
        release(cpu);
        if (!wrong.isEmpty()) {
            throw bug(when, wrong);
        }
    }

    /**
     * {@link #wrong}, said twice in a row of a machine in which no page was allocated or freed meanwhile. A count that
     * is taken while pages move is wrong of itself: nobody may have to do anything any more, but whoever had may not be
     * done with it where the host gave its CPU no time.
     */
    private String confirmed(Cpu cpu) {
        String last = "";
        long movedBefore = -1;
        for (int look = 1; look <= MOST_LOOKS; look++) {
            settle(cpu);
            long moved = kernel.vmStat().sum(cpu, VmStatItem.PGALLOC)
                    + kernel.vmStat().sum(cpu, VmStatItem.PGFREE);
            String wrong = wrong(cpu);
            if (wrong.isEmpty() || moved == movedBefore && wrong.equals(last)) {
                return wrong;
            }
            last = wrong;
            movedBefore = moved;
        }
        return "pages go on moving\n" + last;
    }

    /** Kernel threads that take pages in hand of their own accord let go of them. */
    private void hold(Cpu cpu) {
        kernel.compaction().hold(cpu);
        if (kernel.ksm() != null) {
            kernel.ksm().hold(cpu);
        }
        if (kernel.khugepaged() != null) {
            kernel.khugepaged().hold(cpu);
        }
    }

    private void release(Cpu cpu) {
        if (kernel.khugepaged() != null) {
            kernel.khugepaged().release(cpu);
        }
        if (kernel.ksm() != null) {
            kernel.ksm().release(cpu);
        }
        kernel.compaction().release(cpu);
    }

    /** What is wrong, one line each; empty if all is well. Context: machine at rest. */
    String wrong(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        wrong.append(mlocked.audit(cpu));
        wrong.append(kernel.lru().audit(cpu));
        wrong.append(kernel.pages().audit().auditFree(cpu));
        wrong.append(references.audit(cpu));
        for (long mm : mms) {
            String about = kernel.mms().auditMm(cpu, mm);
            if (about != null) {
                wrong.append("mm 0x" + Long.toHexString(mm) + ": " + about + "\n");
            }
        }
        long freed = kernel.vmStat().sum(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED);
        if (!freesMlocked && freed != 0) {
            wrong.append("unevictable_pgs_mlockfreed is " + freed + ": pages were freed with PG_mlocked\n");
        }
        return wrong.toString();
    }

    /**
     * {@link #audit} when no process is left: nothing is locked, and no file has anything to write. A way to mlock that
     * frees pages with PG_mlocked may also leave such a page in the swap cache, where it is nobody's.
     */
    void auditEmpty(Cpu cpu, String when) {
        audit(cpu, when);
        StringBuilder wrong = new StringBuilder();
        if (!freesMlocked) {
            expectNone(wrong, "nr_mlock", kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
            expectNone(wrong, "nr_unevictable", kernel.lru().size(cpu, Lru.UNEVICTABLE));
        }
        expectNone(wrong, "nr_mapped", kernel.vmStat().sum(cpu, VmStatItem.NR_MAPPED));
        expectNone(wrong, "nr_anon_pages", kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
        expectNone(wrong, "nr_dirty", kernel.vmStat().sum(cpu, VmStatItem.NR_DIRTY));
        expectNone(wrong, "blocks of the disk in use", kernel.pageCache().diskBlocks(cpu));
        if (!wrong.isEmpty()) {
            throw bug(when, wrong.toString());
        }
    }

    private static void expectNone(StringBuilder wrong, String what, long value) {
        if (value != 0) {
            wrong.append(what + " is " + value + ", not 0\n");
        }
    }

    private static KernelBug bug(String when, String wrong) {
        return new KernelBug(FailureKind.ACCOUNTING, "BUG: at rest " + when + ": " + wrong.strip());
    }
}
