package kemu.mm.mlock.kind;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.mlock.MlockServices;
import kemu.mm.mlock.Mlocking;
import kemu.mm.page.MlockCounts;
import kemu.mm.page.Page;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;

/**
 * Whoever maps a page into a locked VMA mlocks it, and whoever unmaps it there munlocks it, both under the pte lock;
 * the page counts how often. A page that is freed with PG_mlocked was unmapped when its VMA was locked no more, and not
 * yet munlocked: that is cleared and counted. Source: Linux 5.18 mm/mlock.c, mm/rmap.c, mm/swap.c.
 */
final class CountedMlocking implements Mlocking {
    static final String NAME = "rmap-counted";
    static final String LOCKED = "rmap-counted-locked";

    private final String name;
    private final VmStat vmStat;
    private final MlockCounts counts;
    private final boolean alwaysLocked;

    private CountedMlocking(String name, MlockServices services, boolean alwaysLocked) {
        this.name = name;
        this.alwaysLocked = alwaysLocked;
        vmStat = services.vmStat();
        counts = services.lru().mlockCounts();
    }

    static CountedMlocking shipped(MlockServices services) {
        return new CountedMlocking(NAME, services, false);
    }

    static CountedMlocking locked(MlockServices services) {
        return new CountedMlocking(LOCKED, services, true);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean followsMappings() {
        return true;
    }

    @Override
    public void mapNew(Cpu cpu, @Ref(Page.class) long page) {
        counts.mlockNew(cpu, page);
    }

    @Override
    public void mapped(Cpu cpu, @Ref(Page.class) long page) {
        counts.mlock(cpu, page);
    }

    @Override
    public boolean movesFlag() {
        return false;
    }

    @Override
    public void migrated(Cpu cpu, @Ref(Page.class) long page) {
        counts.mlock(cpu, page);
    }

    @Override
    public void unmapped(Cpu cpu, @Ref(Page.class) long page) {
        counts.munlock(cpu, page, alwaysLocked);
    }

    @Override
    public boolean mlockMapped(Cpu cpu, @Ref(Page.class) long page) {
        counts.mlock(cpu, page);
        return true;
    }

    @Override
    public boolean munlockMapped(Cpu cpu, @Ref(Page.class) long page) {
        counts.munlock(cpu, page, alwaysLocked);
        return true;
    }

    @Override
    public boolean mlockUnderPteLock(Cpu cpu, @Ref(Page.class) long page) {
        counts.mlock(cpu, page);
        return true;
    }

    @Override
    public boolean munlocksBeforeUnmap() {
        return false;
    }

    @Override
    public void freedMlocked(Cpu cpu, @Ref(Page.class) long page) {
        vmStat.add(cpu, VmStatItem.NR_MLOCK, -1);
        vmStat.inc(cpu, VmStatItem.UNEVICTABLE_PGCLEARED);
    }
}
