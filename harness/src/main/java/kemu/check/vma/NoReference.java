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
import kemu.mm.types.VmArea;

/** A fault sleeps between its lookup of the VMA and its use. RCU cannot be held meanwhile; a reference can. */
final class NoReference implements VmaScenario {
    @Override
    public String name() {
        return "vma-nref";
    }

    @Override
    public String description() {
        return "a VMA found under RCU, used after the fault has slept, against munmap and a grace period";
    }

    @Override
    public boolean preemptible() {
        return false;
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign("spf", "spf-nref");
    }

    @Override
    public String source() {
        return "patch v12 20 of 31, speculative page faults, April 2019";
    }

    @Override
    public Expectation expected(Subject subject) {
        // The free of what is still used is a store that nothing orders with the use, whichever comes first.
        return subject.variant().equals("spf-nref")
                ? Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        kernel.mms().mmget(boot, mm);
        Fixture.map(kernel, boot, mm, BASE, 1, Fixture.RW);
        FoundVma lookup = FoundVma.of(kernel);
        scene.task(0, "fault", cpu -> {
            long vma = lookup.find(cpu, mm, BASE);
            scene.quiescent(cpu);
            if (vma != Cpu.NULL) {
                VmArea.VM_END.readOnce(cpu, vma);
            }
            lookup.giveBack(cpu, mm, vma);
        });
        scene.task(1, "munmap", cpu -> {
            Fixture.unmap(kernel, cpu, mm, BASE, 1);
            scene.callbacks(cpu);
        });
        scene.gracePeriods(1);
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
