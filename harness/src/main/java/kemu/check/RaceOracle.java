package kemu.check;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.KernelBug;
import kemu.hw.race.RaceDetector;
import kemu.mm.Kernel;

/**
 * Data races of plain accesses, see {@link RaceDetector}. Without any, schedules of marked accesses are all there are:
 * so an exhaustive search proves nothing unless this is silent.
 */
final class RaceOracle implements Oracle {
    private EmuMachine machine;
    private RaceDetector detector;
    /** Of the last execution. */
    private RaceDetector told;

    @Override
    public void attach(EmuMachine on, Kernel kernel) {
        machine = on;
        keepStacks(false);
    }

    @Override
    public void begin() {
        // The machine tells the detector.
        told = detector;
    }

    @Override
    public void finished(Cpu cpu) {
        Findings.fail(found());
    }

    @Override
    public List<String> notes() {
        return Findings.lines(found());
    }

    private List<KernelBug> found() {
        return List.copyOf(told.found());
    }

    @Override
    public void keepStacks(boolean value) {
        detector = machine.raceDetector(value, false);
        machine.attach(detector);
    }
}
