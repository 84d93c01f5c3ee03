package kemu.check;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.kernel.lockdep.RcuUsage;
import kemu.mm.Kernel;

/** Watches that RCU is used as it must be, and that it waits for its readers; see {@link RcuUsage}. */
final class RcuOracle implements Oracle {
    private RcuUsage usage;

    @Override
    public void attach(EmuMachine machine, Kernel kernel) {
        usage = new RcuUsage(machine, kernel.rcu().flavor().name().equals("rcu_sched"));
    }

    @Override
    public void begin() {
        usage.begin();
    }

    @Override
    public void ended(Cpu cpu) {
        usage.ended();
    }

    @Override
    public void finished(Cpu cpu) {
        Findings.fail(usage.found());
    }

    @Override
    public List<String> notes() {
        return Findings.lines(usage.found());
    }

    @Override
    public void keepStacks(boolean value) {
        usage.keepStacks(value);
    }
}
