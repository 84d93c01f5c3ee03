package kemu.check;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.mm.Kernel;
import kemu.mm.slab.SlabShadow;

/**
 * Finds use after free, use as another type, accesses out of bounds, double and invalid frees; see {@link SlabShadow}.
 * A bad write or free fails the execution at once. A bad read is noted, since the kernel would report it and go on, and
 * fails an execution that nothing else has failed.
 */
final class SlabOracle implements Oracle {
    private SlabShadow shadow;

    @Override
    public void attach(EmuMachine machine, Kernel kernel) {
        shadow = new SlabShadow(machine, kernel.slabs());
    }

    @Override
    public void sceneBuilt() {
        shadow.scan();
    }

    @Override
    public void begin() {
        shadow.begin();
    }

    @Override
    public void finished(Cpu cpu) {
        Findings.fail(shadow.badReads());
    }

    @Override
    public List<String> notes() {
        return Findings.lines(shadow.badReads());
    }

    @Override
    public void keepStacks(boolean value) {
        shadow.keepStacks(value);
    }
}
