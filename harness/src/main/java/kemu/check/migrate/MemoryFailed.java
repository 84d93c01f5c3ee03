package kemu.check.migrate;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.fault.Faults;
import kemu.mm.migrate.rules.MigrationRuleSets;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;

/**
 * The memory of a page fails that parent and child share, while the child writes: either it has its copy in time, or it
 * gets SIGBUS, as the parent does. Who is killed is who maps the page: a VMA on the anon_vma's list need not. "Stale is
 * harmless" holds for whoever looks at ptes, and the thread of April 2010 asked whether memory failure does.
 */
final class MemoryFailed implements MigrateScenario {
    private static final String UNMAPPED = "kills-unmapped";

    @Override
    public String name() {
        return "rmap-memory-failure";
    }

    @Override
    public String description() {
        return "memory_failure of a page that parent and child share, while the child writes";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/memory-failure.c, collect_procs_anon(); Peter Zijlstra, 13 April 2010";
    }

    @Override
    public List<String> variants() {
        return List.of(MigrationRuleSets.CURRENT, UNMAPPED);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(UNMAPPED) ? Expectation.fails(FailureKind.WRONG_OBJECT) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long parent = scene.newWriter(boot);
        long child = scene.fork(boot, parent);
        long pfn = kernel.pages().pfnOf(kernel.pages().pageOf(Pte.frame(scene.pte(boot, parent))));
        Moving.drainAll(kernel, scene);
        long written = scene.word(boot);
        scene.task(0, "machine check", cpu -> {
            cpu.writeOnce64(written + Long.BYTES, cpu.readOnce64(written));
            // If it comes while the child's copy is being mapped, the page may count as mapped to the end.
            kernel.memoryFailure().memoryFailure(cpu, pfn);
        });
        scene.task(1, "child", cpu -> {
            int code = kernel.userAccess().store64(cpu, child, BASE, 8);
            cpu.writeOnce64(written, code == 0 ? 1 : 0);
        });
        return cpu -> {
            boolean copied = Pte.present(scene.pte(cpu, child));
            if (cpu.readOnce64(written) == 1 && !copied) {
                throw new Violation(FailureKind.USER_MEMORY, "BUG: what the child has written is lost with the page");
            }
            if (kernel.userAccess().load64(cpu, parent, BASE, 7) != Faults.SIGBUS) {
                throw new Violation(FailureKind.USER_MEMORY, "BUG: the parent reads memory that has failed");
            }
            // A copy that is under way may be mapped after its process was counted.
            long killed = kernel.vmStat().sum(cpu, VmStatItem.HWPOISON_KILLED);
            boolean before = cpu.readOnce64(written + Long.BYTES) == 1;
            if (killed < (copied ? 1 : 2) || killed > (before ? 1 : 2)) {
                throw new Violation(
                        FailureKind.WRONG_OBJECT,
                        "BUG: " + killed + " processes are killed for a page that "
                                + (before ? "one of them had mapped" : "both had mapped"));
            }
            scene.exit(cpu, child);
            scene.exit(cpu, parent);
        };
    }
}
