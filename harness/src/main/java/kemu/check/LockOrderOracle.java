package kemu.check;

import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.lockdep.LockDep;
import kemu.mm.Kernel;
import kemu.mm.slab.KmemCache;

/** Finds orders of locks that can deadlock, and held locks in memory that is freed; see {@link LockDep}. */
final class LockOrderOracle implements Oracle {
    private LockDep lockDep;

    @Override
    public void attach(EmuMachine machine, Kernel kernel) {
        lockDep = new LockDep(machine);
        machine.attach((EmuCpu cpu, int event, long object, long detail) -> {
            if (event == Event.SLAB_FREEING) {
                KmemCache cache = kernel.slabs().ofStruct(cpu, detail);
                if (cache != null) {
                    lockDep.freeing(cpu, object, cache.objectSize());
                }
            } else if (event == Event.FRAMES_FREED) {
                lockDep.freeing(cpu, kernel.pages().frameOf(object), (long) PhysMem.PAGE_SIZE << detail);
            }
        });
    }

    @Override
    public void begin() {
        lockDep.begin();
    }

    @Override
    public void finished(Cpu cpu) {
        Findings.fail(lockDep.found());
    }

    @Override
    public List<String> notes() {
        return Findings.lines(lockDep.found());
    }

    @Override
    public void keepStacks(boolean value) {
        lockDep.keepStacks(value);
    }
}
