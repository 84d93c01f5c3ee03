package kemu.check.migrate;

import static kemu.check.vma.Fixture.PAGE;
import static kemu.check.vma.Fixture.RW;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.migrate.rules.MigrationRuleSets;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;

/**
 * exec moves the stack with the arguments to its place: the VMA first, the ptes then. In between a walk looks where
 * they will be. A page that migration has taken out of its pte before, and wants back into it now, is not found there;
 * the entry moves on, and whoever touches it later finds an entry of a page that does not move. So migration leaves
 * such stacks alone.
 */
final class MigrateExecStack implements MigrateScenario {
    private static final String SKIP = "skip";
    private static final String NO_SKIP = "no-skip";
    /** Where the stack is to end. */
    private static final long END = PageTable.TASK_SIZE - 16L * PAGE;

    @Override
    public String name() {
        return "migrate-exec-stack";
    }

    @Override
    public String description() {
        return "a page of arguments is moved to another frame while exec moves the stack to its place";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 fs/exec.c, shift_arg_pages(); mm/rmap.c, is_vma_temporary_stack(); a8bef8ff6ea1 (2.6.35)";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "exec moves its stack under a walk of migration, which leaves an entry behind",
                "2.6.34 and before",
                "",
                "a8bef8ff6ea1 (2.6.35-rc1)",
                NO_SKIP));
    }

    @Override
    public List<String> variants() {
        return List.of(SKIP, NO_SKIP);
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0)
                .withMigration(variant.equals(SKIP) ? MigrationRuleSets.CURRENT : "unmaps-temporary-stacks");
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(NO_SKIP) ? Expectation.fails(FailureKind.RMAP_MISSED) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        long start = kernel.stackSetup().begin(boot, mm, 1, RW | VmArea.VM_GROWSDOWN);
        Fixture.write(kernel, boot, mm, start, 7);
        long pte = boot.readOnce64(kernel.pageTable().find(boot, mm, start));
        new Moving(kernel, scene, scene.cpu(0), kernel.pages().pageOf(Pte.frame(pte))).task(scene, 0);
        scene.task(1, "exec", cpu -> {
            if (kernel.stackSetup().finish(cpu, mm, END - 4L * PAGE, END) != 0) {
                throw new SceneBroken("the stack does not move");
            }
        });
        return cpu -> {
            Moving.expect(kernel, cpu, mm, END - PAGE, 7);
            scene.exit(cpu, mm);
        };
    }
}
