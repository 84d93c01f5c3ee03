package kemu.check;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.hw.race.RaceDetector;
import kemu.mm.Kernel;
import kemu.mm.slab.KmemCache;

/**
 * Finds data races of plain accesses, see {@link RaceDetector}. The explorer schedules marked accesses only, which
 * covers every behaviour as long as no plain access races: an exhaustive search proves nothing unless this oracle is
 * silent.
 *
 * <p>Freeing memory counts as a plain store to all of it. So an access that nothing orders with the free is found in
 * every interleaving, whichever of the two comes first there. A free object of a type-stable cache may be accessed;
 * once its page is free, it may not. An object that waits for a grace period becomes free when the grace period ends.
 */
final class RaceOracle implements Oracle, Witness {
    private Kernel kernel;
    private EmuMachine machine;
    private RaceDetector detector;
    /** Of the last execution. */
    private RaceDetector told;

    @Override
    public void attach(EmuMachine on, Kernel of) {
        machine = on;
        kernel = of;
        machine.attach((Witness) this);
        keepStacks(false);
    }

    @Override
    public void told(EmuCpu cpu, int event, long object, long detail) {
        if (!machine.running()) {
            return;
        }
        if (event == Event.FRAMES_FREED) {
            long frame = kernel.pages().frameOf(object);
            for (int i = 0; i < 1 << detail; i++) {
                detector.frameWrite(cpu.id(), frame + (long) i * PhysMem.PAGE_SIZE);
            }
        } else if (event == Event.SLAB_FREEING) {
            KmemCache cache = kernel.slabs().ofStruct(cpu, detail);
            if (!cache.isDestroyByRcu() && !cache.waitsForGracePeriod()) {
                written(cpu, object, cache);
            }
        } else if (event == Event.SLAB_GRACE_OVER) {
            written(cpu, object, kernel.slabs().ofStruct(cpu, detail));
        }
    }

    private void written(EmuCpu cpu, long object, KmemCache cache) {
        for (int at = 0; at < cache.objectSize(); at += Long.BYTES) {
            detector.plainWrite(cpu.id(), object + at, Long.BYTES);
        }
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
