package kemu.check.migrate;

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
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;

/**
 * A page is moved while its VMA is locked, or while it is unlocked. PG_mlocked is one page's, and there are two:
 * whichever of them the process has in the end must be mlocked if the VMA is, and not if it is not, and be counted.
 *
 * <p>Where PG_mlocked goes with the contents, munlock must not pass a migration entry. Where it says that a locked VMA
 * maps the page, it must not go with them: the page may have left its VMA when that was unlocked already, and munlock
 * comes when it is away.
 */
final class MigrateMlock implements MigrateScenario {
    private final String name;
    private final boolean unlocks;
    private final List<String> variants;

    private MigrateMlock(String name, boolean unlocks, List<String> variants) {
        this.name = name;
        this.unlocks = unlocks;
        this.variants = variants;
    }

    /** mlock(), not in the ways that leave a locked page to reclaim, or forget a page that moves. */
    static MigrateMlock mlock() {
        return new MigrateMlock("migrate-mlock", false, List.of("with-barrier", "rmap-counted", "rmap-counted-locked"));
    }

    /** munlock(). */
    static MigrateMlock munlock() {
        return new MigrateMlock(
                "migrate-munlock",
                true,
                List.of(
                        "with-barrier",
                        "pte-lock",
                        "last-unmap",
                        "last-unmap-pte-lock",
                        "rmap-counted",
                        "rmap-counted-locked"));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "a page is moved while its VMA is " + (unlocks ? "unlocked: is it still mlocked?" : "mlocked: is it?");
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/internal.h, mlock_migrate_page(); 4.4 mm/migrate.c, remove_migration_pte()";
    }

    @Override
    public List<String> variants() {
        return variants;
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0).withMlock(variant);
    }

    @Override
    public Expectation expected(Subject subject) {
        return Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = scene.newWriter(boot);
        if (unlocks && kernel.mlock().mlockDrained(boot, mm, BASE, PAGE) != 0) {
            throw new SceneBroken("mlock fails");
        }
        Moving.drainAll(kernel, scene);
        long page = kernel.pages().pageOf(Pte.frame(scene.pte(boot, mm)));
        long fresh = kernel.pages().allocPages(boot, Gfp.USER, 0);
        scene.task(0, "migrate", cpu -> move(kernel, cpu, page, fresh));
        scene.task(1, unlocks ? "munlock" : "mlock", cpu -> {
            int error = unlocks
                    ? kernel.mlock().munlock(cpu, mm, BASE, PAGE)
                    : kernel.mlock().mlockDrained(cpu, mm, BASE, PAGE);
            if (error != 0) {
                throw new SceneBroken("returns " + error);
            }
        });
        return cpu -> {
            check(kernel, scene, cpu, mm);
            scene.exit(cpu, mm);
        };
    }

    /** mlock and munlock take the page off its list as well: it is moved if it is there. */
    private static void move(Kernel kernel, Cpu cpu, long page, long fresh) {
        if (!kernel.migration().isolate(cpu, page)) {
            kernel.pages().putPage(cpu, fresh);
        } else {
            Moving.move(kernel, cpu, page, fresh);
        }
    }

    private void check(Kernel kernel, Scene scene, Cpu cpu, long mm) {
        long page = kernel.pages().pageOf(Pte.frame(scene.pte(cpu, mm)));
        long counted = kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK);
        boolean mlocked = Page.test(cpu, page, Page.PG_MLOCKED);
        if (mlocked == unlocks || counted != (unlocks ? 0 : 1)) {
            throw new Violation(
                    FailureKind.ACCOUNTING,
                    "BUG: after m" + (unlocks ? "unlock" : "lock") + " and a move nr_mlock is " + counted + ", "
                            + Page.describe(cpu, page));
        }
    }
}
