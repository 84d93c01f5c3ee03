package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * Who gives up a VMA must have taken it off the tree: remove_vma and __free_vma check that. exit_mmap does not, and so
 * must call __remove_vma, which puts the tree's reference itself. One task calls what munmap and exit_mmap call, in the
 * right order and in wrong ones.
 */
final class BugOn implements VmaScenario {
    @Override
    public String name() {
        return "vma-bug-on";
    }

    @Override
    public String description() {
        return "VM_BUG_ON_VMA: who gives up a VMA that is still on the tree";
    }

    @Override
    public List<String> variants() {
        return List.of("munmap", "exit-mmap", "remove-before-erase", "free-before-erase", "exit-mmap-remove-vma");
    }

    @Override
    public KernelConfig configure(String variant) {
        return VmaScenario.super.configure("spf");
    }

    @Override
    public String source() {
        return "patch v12 21 of 31 and its review, speculative page faults, April 2019";
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("munmap") || subject.variant().equals("exit-mmap")
                ? Expectation.HOLDS
                : Expectation.fails(FailureKind.CORRUPTION);
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        return usual;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, mm, BASE, 1, Fixture.RW);
        scene.task(0, variant, cpu -> {
            long vma = MmStruct.MMAP.get(cpu, mm);
            switch (variant) {
                case "munmap" -> Fixture.unmap(kernel, cpu, mm, BASE, 1);
                case "exit-mmap" -> scene.exit(cpu, mm);
                case "free-before-erase" -> {
                    // put_vma by the owner, and once more where the put of the tree's reference should have been
                    // queued.
                    kernel.mms().lookup().release(cpu, vma);
                    kernel.mms().lookup().release(cpu, vma);
                }
                default -> removeAll(kernel, cpu, vma);
            }
        });
        return cpu -> {
            if (!variant.equals("exit-mmap")) {
                scene.exit(cpu, mm);
            }
        };
    }

    /** remove_vma of a list, as at the end of munmap, and where exit_mmap should call __remove_vma. */
    private static void removeAll(Kernel kernel, Cpu cpu, long first) {
        long vma = first;
        // Ends: the list is finite.
        while (vma != Cpu.NULL) {
            kernel.mms().lookup().removing(cpu, vma);
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
    }
}
