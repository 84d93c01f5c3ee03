package kemu.mm.fault.direct;

import kemu.hw.cpu.Cpu;
import kemu.mm.fault.SlotPin;

/** Whoever finds an entry that is not in the swap cache reads it, without a pin. swap-skip-cache convicts it. */
class NotPinned implements SlotPin {
    @Override
    public boolean passesBy(Cpu cpu, long entry) {
        return true;
    }

    @Override
    public int pin(Cpu cpu, long entry) {
        return PINNED;
    }

    @Override
    public void unpin(Cpu cpu, long entry) {
        // Was not pinned.
    }

    @Override
    public void giveWay(Cpu cpu, long entry) {
        // Nobody finds an entry busy.
    }
}
