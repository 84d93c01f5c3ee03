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
import kemu.mm.vma.VmaLookup;

/**
 * VM_BUG_ON_VMA of v12: remove_vma is for VMAs that have left the tree, vm_rcu_put for those that say so, and
 * __free_vma for those that nobody finds. No race: each variant calls them once too early, and the check must say so.
 *
 * <p>exit_mmap, which does not erase its VMAs from the tree, calls __remove_vma instead. So the comment that the review
 * asked for is not about an exception of remove_vma: there is none, and exit_mmap by remove_vma
 * ({@code spf-exit-remove}) is told.
 */
final class LinkedVma implements VmaScenario {
    @Override
    public String name() {
        return "vma-bug-on";
    }

    @Override
    public String description() {
        return "remove_vma, vm_rcu_put and __free_vma of a VMA that is still on the tree";
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public List<String> variants() {
        return List.of("spf", "spf-remove-linked", "spf-exit-remove", "spf-free-linked", "spf-clear-late");
    }

    @Override
    public String source() {
        return "patch v12 21 of 31, speculative page faults, April 2019, and its review: remove_vma(),"
                + " vm_rcu_put(), __free_vma()";
    }

    @Override
    public KernelConfig configure(String variant) {
        // The others call what is right at the wrong time.
        return KernelConfig.of(0).withVmaLookup(variant.equals("spf-clear-late") ? variant : "spf");
    }

    @Override
    public boolean knownBad(String variant) {
        return !variant.equals("spf");
    }

    @Override
    public Expectation expected(Subject subject) {
        return knownBad(subject.variant()) ? Expectation.fails(FailureKind.CORRUPTION) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        long mm = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, mm, BASE, 1, Fixture.RW);
        Fixture.map(kernel, boot, mm, BASE + 2 * Fixture.PAGE, 1, Fixture.RW);
        long vma = kernel.mms().findVma(boot, mm, BASE);
        VmaLookup lookup = kernel.mms().lookup();
        scene.task(0, "remove", cpu -> {
            switch (variant) {
                case "spf-remove-linked" -> lookup.removing(cpu, vma);
                case "spf-exit-remove" -> {
                    lookup.exitMmap(cpu, mm);
                    lookup.removing(cpu, vma);
                }
                case "spf-free-linked" -> {
                    // The owner's reference, and the tree's, which the erase would have put.
                    lookup.release(cpu, vma);
                    lookup.release(cpu, vma);
                }
                default -> Fixture.unmap(kernel, cpu, mm, BASE, 1);
            }
        });
        return cpu -> scene.exit(cpu, mm);
    }
}
