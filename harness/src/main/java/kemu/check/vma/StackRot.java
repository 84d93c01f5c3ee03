package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.kernel.task.RwSem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.fault.Faults;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaWalker;

/**
 * A thread grows its stack, which replaces a node of the tree of VMAs; another one, which holds mmap_sem for reading,
 * has that node in its hand. If the stack grows under the same lock for reading, only a reader of RCU may do so.
 *
 * <p>A lookup of another author that is no {@link VmaWalker} leaves no node to the walk, which keeps the VMA instead.
 *
 * <p>{@code rcu-walk-sleeps} is such a reader that tells what it finds to user space, and takes a fault there.
 */
final class StackRot implements VmaScenario {
    private static final long STACK = BASE + 8 * PAGE;
    private static final String SLEEPS = "rcu-walk-sleeps";

    @Override
    public String name() {
        return "vma-stackrot";
    }

    @Override
    public String description() {
        return "a walk over VMAs against the growth of a stack, which replaces a node (CVE-2023-3269)";
    }

    @Override
    public String source() {
        return "Linux 6.1 mm/mmap.c, expand_downwards(), find_vma_prev(); fixed by 9471f1f2f502 (6.5)";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a stack grows under mmap_sem (R) and frees a node of the tree that a walk still uses (CVE-2023-3269)",
                "6.1 to 6.4.0",
                "",
                "9471f1f2f502 (6.5-rc1; 6.1.37, 6.3.11, 6.4.1)",
                "maple-tree-6.1"));
    }

    @Override
    public boolean preemptible() {
        return false;
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign("maple-tree", "maple-tree-6.1", "maple-tree-rcu-walk", SLEEPS);
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0).withVmaLookup(variant.equals(SLEEPS) ? "maple-tree-rcu-walk" : variant);
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            // The free of what is still used is a store that nothing orders with the use, whichever comes first.
            case "maple-tree-6.1" -> Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE);
            case SLEEPS -> Expectation.fails(FailureKind.ATOMIC_CONTEXT);
            default -> Expectation.HOLDS;
        };
    }

    /** A stack that grows under mmap_sem (W) has very many ways to come there. */
    @Override
    public int deviations(Subject subject) {
        return switch (subject.variant()) {
            case "maple-tree-6.1", "maple-tree-rcu-walk", SLEEPS -> -1;
            default -> 2;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        Fixture.map(kernel, boot, mm, STACK, 1, Fixture.RW | VmArea.VM_GROWSDOWN);
        Fixture.write(kernel, boot, mm, STACK, 1);
        long other = scene.newMm(boot);
        scene.task(0, "walk", cpu -> {
            RwSem.downRead(cpu, MmStruct.MMAP_SEM.of(mm));
            if (kernel.mms().lookup() instanceof VmaWalker walker) {
                walk(cpu, scene, walker, mm, variant.equals(SLEEPS) ? other : Cpu.NULL);
            } else {
                long vma = kernel.mms().findVma(cpu, mm, STACK);
                scene.tick(cpu);
                checkStack(cpu, vma);
            }
            RwSem.upRead(cpu, MmStruct.MMAP_SEM.of(mm));
        });
        scene.task(1, "grow", cpu -> {
            if (kernel.faults().handleMmFault(cpu, mm, STACK - PAGE, false) != Faults.MINOR) {
                throw new SceneBroken("the stack does not grow");
            }
            scene.callbacks(cpu);
        });
        scene.gracePeriods(1);
        return cpu -> {
            Fixture.exit(kernel, cpu, mm);
            scene.exit(cpu, other);
        };
    }

    /** Keeps a node; meanwhile takes a fault in {@code other} unless that is NULL. */
    private static void walk(Cpu cpu, Scene scene, VmaWalker walker, long mm, long other) {
        walker.beginWalk(cpu);
        long node = walker.seek(cpu, mm, STACK);
        if (other != Cpu.NULL) {
            scene.write(cpu, other);
        }
        scene.tick(cpu);
        checkStack(cpu, walker.vmaOf(cpu, node));
        walker.endWalk(cpu);
    }

    private static void checkStack(Cpu cpu, long vma) {
        if (VmArea.VM_END.get(cpu, vma) != STACK + PAGE) {
            throw new SceneBroken("another VMA than the stack is found");
        }
    }
}
