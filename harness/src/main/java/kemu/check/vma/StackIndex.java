package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.PageVma;
import kemu.mm.types.VmArea;

/**
 * The other thing about a stack that grows under mmap_sem (R), with no tree that replaces anything: its start and its
 * offset change in two stores, under the anon_vma lock, and a fault on another page of it, under mmap_sem (R) too,
 * numbers its page by both, without that lock. The page then has a number under which no walk looks for it where it is
 * mapped.
 */
final class StackIndex implements VmaScenario {
    private static final long STACK = BASE + 8 * PAGE;

    @Override
    public String name() {
        return "vma-stack-index";
    }

    @Override
    public String description() {
        return "a fault in a stack numbers its page while the stack grows under mmap_sem (R)";
    }

    @Override
    public String source() {
        return "analysis of Linux 2.6.36 mm/mmap.c, expand_downwards(); include/linux/pagemap.h, linear_page_index()";
    }

    @Override
    public List<String> variants() {
        return List.of("maple-tree", "mmap-sem", "spf", "per-vma-lock");
    }

    @Override
    public Expectation expected(Subject subject) {
        return knownBad(subject.variant()) ? Expectation.fails(FailureKind.RMAP_I3) : Expectation.HOLDS;
    }

    /** All that 2.6.36 grows is wrong so, whatever finds it: no lookup is to blame. */
    @Override
    public boolean knownBad(String variant) {
        return variant.equals("mmap-sem") || variant.equals("spf");
    }

    /** A fault that sleeps for mmap_sem has very many ways to come there. */
    @Override
    public int deviations(Subject subject) {
        return 2;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        Fixture.map(kernel, boot, mm, STACK, 2, Fixture.RW | VmArea.VM_GROWSDOWN);
        Fixture.write(kernel, boot, mm, STACK, 1);
        Fixture.warm(kernel, scene.cpu(0), mm);
        long touched = STACK + PAGE;
        scene.task(0, "fault", cpu -> fault(kernel, cpu, mm, touched, true));
        scene.task(1, "grow", cpu -> fault(kernel, cpu, mm, STACK - PAGE, false));
        return cpu -> {
            long page = kernel.pages()
                    .pageOf(Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, touched))));
            long at = PageVma.vmaAddress(cpu, page, kernel.mms().findVma(cpu, mm, touched));
            if (at != touched) {
                throw new Violation(
                        FailureKind.RMAP_I3,
                        "BUG: a page that is mapped at 0x" + Long.toHexString(touched) + " is looked for at 0x"
                                + Long.toHexString(at));
            }
            Fixture.exit(kernel, cpu, mm);
        };
    }

    private static void fault(Kernel kernel, Cpu cpu, long mm, long address, boolean write) {
        if (kernel.faults().handleMmFault(cpu, mm, address, write) != Faults.MINOR) {
            throw new SceneBroken("a fault fails");
        }
    }
}
