package kemu.mm.vma.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.mm.vma.AdjustLock;

/** What vma_adjust locks, by version. */
final class AdjustRules {
    private AdjustRules() {}

    /**
     * The anon_vma of a VMA whose start moves. A walker reads start and offset one after the other and finds the page
     * outside if it gets the old one and the new one. If only the end moves, either is right. The default; Linux 3.7.
     */
    static class VmaOrNext implements AdjustLock {
        @Override
        public @Ref(AnonVma.class) long anonVma(
                Cpu cpu,
                @Ref(VmArea.class) long vma,
                boolean startMoves,
                @Ref(VmArea.class) long next,
                boolean nextMoves) {
            long own = startMoves ? VmArea.ANON_VMA.get(cpu, vma) : Cpu.NULL;
            return own == Cpu.NULL && nextMoves ? VmArea.ANON_VMA.get(cpu, next) : own;
        }
    }

    /**
     * The VMA's own only, though it is the next one that grows at its start: 2.6.36 to 3.6, until bf181b9f9d8d.
     * <b>Known bad:</b> if the first was never touched nothing is locked; rmap-vma-adjust convicts it.
     */
    static final class OnlyVma extends VmaOrNext {
        @Override
        public @Ref(AnonVma.class) long anonVma(
                Cpu cpu,
                @Ref(VmArea.class) long vma,
                boolean startMoves,
                @Ref(VmArea.class) long next,
                boolean nextMoves) {
            return startMoves ? VmArea.ANON_VMA.get(cpu, vma) : Cpu.NULL;
        }
    }

    /**
     * Nothing: 2.6.34 and 2.6.35, since 5beb49305251. <b>Known bad</b> for walks that must find every pte;
     * rmap-vma-adjust convicts it.
     */
    static final class Nothing extends VmaOrNext {
        @Override
        public @Ref(AnonVma.class) long anonVma(
                Cpu cpu,
                @Ref(VmArea.class) long vma,
                boolean startMoves,
                @Ref(VmArea.class) long next,
                boolean nextMoves) {
            return Cpu.NULL;
        }
    }
}
