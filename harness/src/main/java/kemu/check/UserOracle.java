package kemu.check;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.mm.Kernel;
import kemu.mm.fault.UserStamps;

/** Watches that processes read back what they wrote; see {@link UserStamps}. */
final class UserOracle implements Oracle {
    private UserStamps stamps;
    /** Null: there are no TLBs. */
    private StaleEntries stale;

    @Override
    public void attach(EmuMachine machine, Kernel kernel) {
        stamps = new UserStamps(machine, kernel.pages(), kernel.slabs(), kernel.pageTable(), kernel.mms());
        stale = kernel.pageTable().tlb() == null ? null : new StaleEntries(machine, kernel.pageTable());
    }

    @Override
    public void sceneBuilt() {
        stamps.scan();
    }

    @Override
    public void begin() {
        stamps.begin();
        if (stale != null) {
            stale.begin();
        }
    }

    @Override
    public void ended(Cpu cpu) {
        stamps.ended(cpu);
    }

    @Override
    public void finished(Cpu cpu) {
        Findings.fail(stamps.found());
    }

    @Override
    public boolean dependsOnTlb() {
        return stamps.accessed();
    }

    @Override
    public List<String> notes() {
        List<String> lines = new ArrayList<>(Findings.lines(stamps.found()));
        if (stale != null) {
            lines.addAll(stale.seen());
        }
        return lines;
    }
}
