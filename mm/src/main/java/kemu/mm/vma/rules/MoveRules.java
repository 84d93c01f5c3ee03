package kemu.mm.vma.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.VmArea;
import kemu.mm.vma.MoveOrder;

/** What mremap does for walks that must find every pte, by version. */
final class MoveRules {
    private MoveRules() {}

    /**
     * Walks wait where order does not help: if an older VMA has grown, and on the way back. The default; Linux 4.9
     * (38a76013ad80 of 3.7), which also looks at the offsets.
     */
    static class WaitIfNeeded implements MoveOrder {
        @Override
        public boolean locks(
                Cpu cpu,
                AnonVmas anonVmas,
                @Ref(VmArea.class) long source,
                @Ref(VmArea.class) long destination,
                boolean isNew,
                boolean back) {
            return back || !isNew;
        }
    }

    /** Walks always wait: 108d6642ad81, the first version of 3.7. */
    static final class AlwaysWait extends WaitIfNeeded {
        @Override
        public boolean locks(
                Cpu cpu,
                AnonVmas anonVmas,
                @Ref(VmArea.class) long source,
                @Ref(VmArea.class) long destination,
                boolean isNew,
                boolean back) {
            return true;
        }
    }

    /**
     * Whatever order the lists have: until 3.1. <b>Known bad</b> for walks that must find every pte; rmap-mremap-order
     * convicts it.
     */
    static final class AsItIs extends WaitIfNeeded {
        @Override
        public boolean locks(
                Cpu cpu,
                AnonVmas anonVmas,
                @Ref(VmArea.class) long source,
                @Ref(VmArea.class) long destination,
                boolean isNew,
                boolean back) {
            return false;
        }
    }

    /** An older VMA goes to the end of its lists, and on the way back the other one does: 3.2 to 3.6, 948f017b093a. */
    static class MovetoTail extends WaitIfNeeded {
        @Override
        public final boolean locks(
                Cpu cpu,
                AnonVmas anonVmas,
                @Ref(VmArea.class) long source,
                @Ref(VmArea.class) long destination,
                boolean isNew,
                boolean back) {
            if (movesToTail(isNew, back)) {
                anonVmas.anonVmaMovetoTail(cpu, destination);
            }
            return false;
        }

        /** Whether the destination of a move is to go to the tail. */
        boolean movesToTail(boolean isNew, boolean back) {
            return back || !isNew;
        }
    }

    /**
     * Not again on the way back: the fix without its second half. <b>Known bad</b> if memory for page tables is out;
     * rmap-mremap-order convicts it.
     */
    static final class MovetoTailOnce extends MovetoTail {
        @Override
        boolean movesToTail(boolean isNew, boolean back) {
            return !back && !isNew;
        }
    }
}
