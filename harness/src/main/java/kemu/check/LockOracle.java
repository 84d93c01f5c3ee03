package kemu.check;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.machine.EmuMachine;
import kemu.kernel.task.LockBalance;
import kemu.mm.Kernel;

/** Watches that a task releases the lock it has acquired and ends with none held (I4); see {@link LockBalance}. */
final class LockOracle implements Oracle {
    private LockBalance balance;

    @Override
    public void attach(EmuMachine machine, Kernel kernel) {
        balance = new LockBalance(machine);
    }

    @Override
    public void begin() {
        balance.begin();
    }

    @Override
    public void ended(Cpu cpu) {
        balance.ended((EmuCpu) cpu);
    }

    @Override
    public void finished(Cpu cpu) {
        Findings.fail(balance.found());
    }

    @Override
    public List<String> notes() {
        return Findings.lines(balance.found());
    }

    @Override
    public void keepStacks(boolean value) {
        balance.keepStacks(value);
    }
}
