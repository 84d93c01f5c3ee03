package kemu.mm.rmap;

import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Explorer;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;

/**
 * A page that only a forked child maps. CPU#0 looks whether it was referenced; CPU#1 lets the child exit, then another
 * process writes for the first time and exits. In the end the parent exits.
 */
public final class HangChildScene implements AutoCloseable {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;

    final EmuMachine machine;
    final Kernel kernel;
    public final Explorer explorer;

    public HangChildScene(String anonVma, MemoryModel model) {
        machine = KernelCore.bootEmulated(new MachineConfig(2L << 20, 2, 1, true, "ticket", 16, model));
        kernel = new Kernel(machine, new KernelConfig(anonVma, 0).withBackground(false));
        // On the CPU of the exit: what it frees is then what it allocates next.
        Cpu boot = machine.cpu(1);
        long parent = newMm(boot);
        write(boot, parent, 0);
        long child = kernel.mms().dupMm(boot, parent);
        write(boot, child, 0);
        long other = newMm(boot);
        // Its page tables exist, so that the fault is about the anon_vma.
        kernel.userAccess().load64(boot, other, BASE, 0);
        long pte = boot.readOnce64(kernel.pageTable().find(boot, child, BASE));
        long page = kernel.pages().pageOf(Pte.frame(pte));
        Page.get(boot, page);
        Sched.of(machine)
                .spawn(boot, cpu -> kernel.rmapWalk().pageReferenced(cpu, page, true), 0, "reclaim", Task.PF_KTHREAD);
        Sched.of(machine)
                .spawn(
                        boot,
                        cpu -> {
                            kernel.mms().mmput(cpu, child);
                            write(cpu, other, 0);
                            kernel.mms().mmput(cpu, other);
                        },
                        1,
                        "exit",
                        Task.PF_KTHREAD);
        explorer = new Explorer(machine, cpu -> kernel.mms().mmput(cpu, parent));
    }

    private long newMm(Cpu cpu) {
        long mm = kernel.mms().mmAlloc(cpu);
        kernel.mmap().mmap(cpu, mm, BASE, PAGE, VmArea.VM_READ | VmArea.VM_WRITE, true, Cpu.NULL, 0);
        return mm;
    }

    private void write(Cpu cpu, long mm, int page) {
        int code = kernel.userAccess().store64(cpu, mm, BASE + (long) page * PAGE, 7);
        if (code != 0) {
            throw new AssertionError("write: " + code);
        }
    }

    @Override
    public void close() {
        machine.close();
    }
}
