package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.rules.AnonVmaRuleSets;
import kemu.mm.types.VmArea;

/**
 * fork gives one anon_vma to two VMAs of a process whose chains differ, as one number cannot tell a leaf that a VMA
 * still uses from a parent that none does. mprotect then takes the chains to be equal and merges the VMAs: the pages of
 * the one that goes are mapped in a VMA that their anon_vma does not know, and dangle when their process exits.
 *
 * <p>The shortest line of forks found by a search over all of them: grandparent, parent and child; the parent exits; a
 * sister of the child takes what the parent has left; child and sister each split their VMA; the sister forks a niece,
 * who writes, so that her two VMAs have anon_vmas of their own; the child exits; and the niece forks the victim. Both
 * VMAs of the victim get what the child has left.
 */
final class DoubleReuse implements RmapScenario {
    private static final long LOW = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long HIGH = LOW + PAGE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    @Override
    public String name() {
        return "rmap-double-reuse";
    }

    @Override
    public String description() {
        return "a leaf anon_vma taken twice by fork, then a merge of VMAs; no race is needed (CVE-2022-42703)";
    }

    @Override
    public String source() {
        return "Linux 2555283eb40d (6.0) mm/rmap.c, anon_vma_clone(); CVE-2022-42703";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a leaf anon_vma is reused twice by fork, pages of merged VMAs dangle (CVE-2022-42703)",
                "3.19 to 5.19",
                "7a3ef208e662",
                "2555283eb40d (6.0-rc4)",
                "degree"));
    }

    @Override
    public int cpus() {
        return 1;
    }

    @Override
    public List<String> variants() {
        return List.of("counters", "degree", "no-reuse");
    }

    @Override
    public KernelConfig configure(String variant) {
        String rules = switch (variant) {
            case "counters" -> "reuse-by-counters";
            case "degree" -> "reuse-by-degree";
            default -> AnonVmaRuleSets.CURRENT;
        };
        return RmapScenario.kernel("root-rwsem", rules);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("degree") ? Expectation.fails(FailureKind.RMAP_I3) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        long grandparent = kernel.mms().mmAlloc(boot);
        kernel.mmap().mmap(boot, grandparent, LOW, 2 * PAGE, RW, true, Cpu.NULL, 0);
        write(kernel, boot, grandparent);
        long parent = scene.fork(boot, grandparent);
        long child = scene.fork(boot, parent);
        scene.exit(boot, parent);
        long sister = scene.fork(boot, child);
        protectHigh(kernel, boot, child, RW | VmArea.VM_EXEC);
        protectHigh(kernel, boot, sister, RW | VmArea.VM_EXEC);
        long niece = scene.fork(boot, sister);
        write(kernel, boot, niece);
        scene.exit(boot, child);
        long page = kernel.pages()
                .pageOf(Pte.frame(boot.readOnce64(kernel.pageTable().find(boot, niece, HIGH))));
        Page.get(boot, page);
        scene.task(0, "fork+merge", cpu -> {
            long victim = scene.fork(cpu, niece);
            protectHigh(kernel, cpu, victim, RW);
            Chains.check(kernel, cpu, victim, HIGH, page);
            scene.exit(cpu, niece);
            Looker.look(kernel, cpu, page);
            scene.exit(cpu, victim);
        });
        return cpu -> {
            scene.exit(cpu, sister);
            scene.exit(cpu, grandparent);
        };
    }

    private static void write(Kernel kernel, Cpu cpu, long mm) {
        if (kernel.userAccess().store64(cpu, mm, LOW, 7) != 0
                || kernel.userAccess().store64(cpu, mm, HIGH, 7) != 0) {
            throw new SceneBroken("a write to user memory fails");
        }
    }

    private static void protectHigh(Kernel kernel, Cpu cpu, long mm, long rights) {
        if (kernel.mmap().mprotect(cpu, mm, HIGH, PAGE, rights) != 0) {
            throw new SceneBroken("mprotect fails");
        }
    }
}
