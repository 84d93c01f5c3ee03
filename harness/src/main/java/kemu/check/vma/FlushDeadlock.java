package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * A thread copies a page after fork: it flushes TLBs under the pte lock and waits for CPUs that have interrupts off.
 * Another thread's speculative fault on the next page has them off, so it must not wait for that lock.
 */
final class FlushDeadlock implements VmaScenario {
    @Override
    public String name() {
        return "vma-irq-deadlock";
    }

    @Override
    public String description() {
        return "a speculative fault wants the pte lock of a thread that flushes TLBs";
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign("spf", "spf-irq-deadlock");
    }

    @Override
    public String source() {
        return "patch v12 8 of 31, speculative page faults, April 2019; the deadlock found in 2018";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a fault waits for a pte lock with interrupts off, whose holder waits for its TLB flush",
                "in no release: found in 2018 in the patches of speculative page faults",
                "",
                "patch v12 8 of 31, April 2019: the lock is tried",
                "spf-irq-deadlock"));
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("spf-irq-deadlock") ? Expectation.fails(FailureKind.HANG) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, mm, BASE, 2, Fixture.RW);
        Fixture.write(kernel, boot, mm, BASE, 1);
        long child = scene.fork(boot, mm);
        kernel.mms().mmget(boot, mm);
        scene.task(0, "fault", cpu -> kernel.faults().handleMmFault(cpu, mm, BASE + PAGE, true));
        scene.task(1, "copy", cpu -> kernel.faults().handleMmFault(cpu, mm, BASE, true));
        return cpu -> {
            Fixture.exit(kernel, cpu, mm);
            scene.exit(cpu, child);
        };
    }
}
