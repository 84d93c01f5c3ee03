package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.types.VmArea;

/**
 * A lookup goes down the tree while another thread maps something elsewhere, which rotates the tree: the VMA that is
 * mapped all the time must be found. The fault itself would only fall back to mmap_sem, which is right and slow: what
 * fails here is the lookup's promise.
 */
final class RotatedTree implements VmaScenario {
    private static final int STEP = 2 * PAGE;

    @Override
    public String name() {
        return "vma-noseq";
    }

    @Override
    public String description() {
        return "find_vma_rcu against a rotation of the tree";
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign("spf", "spf-noseq");
    }

    @Override
    public String source() {
        return "patches v12 19 and 21 of 31, speculative page faults, April 2019";
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("spf-noseq") ? Expectation.fails(FailureKind.WRONG_OBJECT) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        kernel.mms().mmget(boot, mm);
        Fixture.map(kernel, boot, mm, BASE, 1, Fixture.RW);
        Fixture.map(kernel, boot, mm, BASE + STEP, 1, Fixture.RW);
        FoundVma lookup = FoundVma.of(kernel);
        scene.task(0, "find", cpu -> {
            long vma = lookup.find(cpu, mm, BASE + STEP);
            boolean found = vma == Cpu.NULL ? lookup.mayGiveUp() : VmArea.VM_START.readOnce(cpu, vma) == BASE + STEP;
            lookup.giveBack(cpu, mm, vma);
            if (!found) {
                throw new Violation(
                        FailureKind.WRONG_OBJECT,
                        "BUG: find_vma_rcu returns vma 0x" + Long.toHexString(vma)
                                + " for an address that another maps");
            }
        });
        scene.task(1, "mmap", cpu -> Fixture.map(kernel, cpu, mm, BASE + 2 * STEP, 1, Fixture.RW));
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
