package kemu.mm.pgtable.gather;

import kemu.hw.cpu.Cpu;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.GatherFrames;

/**
 * Every gather has pages of its own, so its task may be preempted, and may sleep. Source: Linux d16dfc550f53 (3.0), mm:
 * mmu_gather rework.
 */
final class TaskGather implements GatherFrames {
    private final PageAllocator pages;

    TaskGather(PageAllocator pages) {
        this.pages = pages;
    }

    @Override
    public long first(Cpu cpu) {
        return more(cpu);
    }

    @Override
    public long more(Cpu cpu) {
        long page = pages.allocPages(cpu, Gfp.NOWAIT, 0);
        return page == Cpu.NULL ? Cpu.NULL : pages.frameOf(page);
    }

    @Override
    public void giveBack(Cpu cpu, long frame) {
        pages.putPage(cpu, pages.pageOf(frame));
    }

    @Override
    public void end(Cpu cpu, long frame) {
        giveBack(cpu, frame);
    }
}
