package kemu.mm.pgtable.gather;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.kernel.context.Preempt;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.GatherFrames;

/**
 * One gather for each CPU, which is the task's that runs there: from begin to end it is not preempted, and must not
 * sleep. The locks of anon_vmas are taken in between, when VMAs are unlinked, so those must spin. When it is full it is
 * flushed. Source: Linux 2.6.36 include/asm-generic/tlb.h, tlb_gather_mmu(), tlb_finish_mmu(); that kernel lets go of
 * it between two tables when another task wants the CPU, this one goes on.
 */
final class PerCpuGather implements GatherFrames {
    private final long[] frames;
    private final boolean pinned;

    /** {@code pinned}: whether preemption is disabled; without that a task that switches shares it. Boot only. */
    PerCpuGather(Machine machine, PageAllocator pages, boolean pinned) {
        this.pinned = pinned;
        frames = new long[machine.cpus()];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = pages.frameOf(pages.allocPages(machine.bootCpu(), Gfp.NOWAIT, 0));
        }
    }

    @Override
    public long first(Cpu cpu) {
        if (pinned) {
            Preempt.disable(cpu);
        }
        return frames[cpu.id()];
    }

    @Override
    public long more(Cpu cpu) {
        return Cpu.NULL;
    }

    @Override
    public void giveBack(Cpu cpu, long frame) {
        throw new AssertionError("a gather of a CPU has one frame");
    }

    @Override
    public void end(Cpu cpu, long frame) {
        if (pinned) {
            Preempt.enable(cpu);
        }
    }
}
