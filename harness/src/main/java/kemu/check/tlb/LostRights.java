package kemu.check.tlb;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.pgtable.tlb.TlbModes;

/** A thread takes away the right to write. Once mprotect has returned, no other thread writes any more. */
final class LostRights implements TlbScenario {
    @Override
    public String name() {
        return "tlb-mprotect";
    }

    @Override
    public String description() {
        return "mprotect to read-only against a write through a TLB entry from before";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/mprotect.c, change_protection(): one flush at the end";
    }

    @Override
    public List<String> variants() {
        return List.of(TlbModes.EXPLORED, TlbModes.MPROTECT_NO_FLUSH);
    }

    @Override
    public Expectation failure() {
        return Expectation.fails(FailureKind.USER_MEMORY);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        long seen = scene.word(scene.cpu(0));
        scene.task(0, "mprotect", cpu -> {
            if (kernel.mmap().mprotect(cpu, mm, BASE, Fixture.PAGE, Fixture.READ) != 0) {
                throw new SceneBroken("mprotect fails");
            }
            cpu.write64(seen, Fixture.value(kernel, cpu, mm, BASE));
        });
        scene.task(1, "write", cpu -> kernel.userAccess().storeInatomic(cpu, mm, BASE, 3));
        return cpu -> {
            Fixture.expect(kernel, cpu, mm, BASE, cpu.read64(seen), "a thread after mprotect");
            Fixture.exit(kernel, cpu, mm);
        };
    }
}
