package kemu.mm.vma.rules;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.CopiedMerge;
import kemu.rcu.list.ListHead;

/** Which neighbour a moved mapping becomes part of, by version. */
final class CopyRules {
    private CopyRules() {}

    private static boolean equal(Cpu cpu, long neighbour, long source) {
        return VmArea.ANON_VMA.get(cpu, neighbour) == VmArea.ANON_VMA.get(cpu, source);
    }

    private static boolean faulted(Cpu cpu, long vma) {
        return VmArea.ANON_VMA.get(cpu, vma) != Cpu.NULL;
    }

    /** vma_had_uncowed_parents, later vma_is_fork_child: it has the anon_vmas of parents beside its own. */
    private static boolean forked(Cpu cpu, long vma) {
        return faulted(cpu, vma) && !ListHead.singular(cpu, VmArea.ANON_VMA_CHAIN.of(vma));
    }

    /**
     * Pages go only where their anon_vma is known. A neighbour that was never touched does not know it. The default,
     * and Linux 3.0 to 6.15, where a test that was meant for something else came to that (965f55dea0e3).
     */
    static class OnlyIntoTheSame implements CopiedMerge {
        @Override
        public boolean mayGrow(Cpu cpu, @Ref(VmArea.class) long neighbour, @Ref(VmArea.class) long source) {
            return !faulted(cpu, source) || equal(cpu, neighbour, source);
        }

        @Override
        public int grows(
                Cpu cpu, AnonVmas anonVmas, @Ref(VmArea.class) long neighbour, @Ref(VmArea.class) long source) {
            return 0;
        }
    }

    /**
     * A VMA without anon_vma goes with any: until 2.6.39. <b>Known bad:</b> one that was never touched grows over pages
     * whose anon_vma it does not know; rmap-merge-unfaulted convicts it.
     */
    static final class IntoAnything extends OnlyIntoTheSame {
        @Override
        public boolean mayGrow(Cpu cpu, @Ref(VmArea.class) long neighbour, @Ref(VmArea.class) long source) {
            return !faulted(cpu, source) || !faulted(cpu, neighbour) || equal(cpu, neighbour, source);
        }
    }

    /**
     * The same on purpose, but not into what a fork has made: 6.16 to 6.18 (879bca0a2c4f), where the anon_vma was
     * copied for any other merge than this one. <b>Known bad</b>, as {@link IntoAnything}.
     */
    static class NotDuplicated extends OnlyIntoTheSame {
        @Override
        public boolean mayGrow(Cpu cpu, @Ref(VmArea.class) long neighbour, @Ref(VmArea.class) long source) {
            return faulted(cpu, source)
                    ? !faulted(cpu, neighbour) || equal(cpu, neighbour, source)
                    : !forked(cpu, neighbour);
        }
    }

    /** The neighbour gets the chain of what it grows over: the first patch of 6.18.8, 61f67c230a5e. */
    static class Duplicated extends NotDuplicated {
        @Override
        public int grows(
                Cpu cpu, AnonVmas anonVmas, @Ref(VmArea.class) long neighbour, @Ref(VmArea.class) long source) {
            if (faulted(cpu, neighbour) || !faulted(cpu, source)) {
                return 0;
            }
            if (anonVmas.anonVmaClone(cpu, neighbour, source) != 0) {
                return Errno.ENOMEM;
            }
            VmArea.ANON_VMA.writeOnce(cpu, neighbour, VmArea.ANON_VMA.get(cpu, source));
            return 0;
        }
    }

    /** And what a fork has made is not copied so: the second patch of 6.18.8. It keeps chains short. */
    static final class DuplicatedUnlessForked extends Duplicated {
        @Override
        public boolean mayGrow(Cpu cpu, @Ref(VmArea.class) long neighbour, @Ref(VmArea.class) long source) {
            return super.mayGrow(cpu, neighbour, source) && (faulted(cpu, neighbour) || !forked(cpu, source));
        }
    }
}
