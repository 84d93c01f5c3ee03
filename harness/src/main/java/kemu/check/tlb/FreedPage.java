package kemu.check.tlb;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.pgtable.tlb.TlbModes;

/** A thread unmaps a page, which is freed and may be anybody's, while another still writes to it through its TLB. */
final class FreedPage implements TlbScenario {
    private static final long VICTIM = BASE + PAGE;

    @Override
    public String name() {
        return "tlb-munmap";
    }

    @Override
    public String description() {
        return "munmap against a write through a TLB entry from before: the page must not be free yet";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 include/asm-generic/tlb.h, tlb_flush_mmu()";
    }

    @Override
    public List<String> variants() {
        return List.of(TlbModes.EXPLORED, TlbModes.FREE_FIRST);
    }

    @Override
    public Expectation failure() {
        return Expectation.fails(FailureKind.USE_AFTER_FREE);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        Fixture.warm(kernel, scene.cpu(0), mm);
        Fixture.map(kernel, boot, mm, VICTIM, 1, Fixture.RW);
        Fixture.write(kernel, boot, mm, VICTIM, 1);
        // Nobody else has a reference: neither would it be free then.
        kernel.lru().drainAll(boot);
        scene.task(0, "munmap", cpu -> Fixture.unmap(kernel, cpu, mm, VICTIM, 1));
        scene.task(1, "write", cpu -> kernel.userAccess().storeInatomic(cpu, mm, VICTIM, 3));
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
