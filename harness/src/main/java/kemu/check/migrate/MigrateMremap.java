package kemu.check.migrate;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.migrate.rules.MigrationRuleSets;

/**
 * A page is moved while its process moves the mapping. mremap takes the migration entry out of one pte and puts it into
 * the other under the locks of both; the walk that takes entries away looks at the old place first, then at the new
 * one. If it looks without the lock, the entry may be at neither: it is in mremap's hand. Whoever touches it later
 * finds an entry of a page that does not move.
 */
final class MigrateMremap implements MigrateScenario {
    private static final String PEEKS = "peeks";
    private static final long TARGET = BASE + 16 * PAGE;

    @Override
    public String name() {
        return "migrate-mremap";
    }

    @Override
    public String description() {
        return "a page is moved to another frame while mremap moves its pte to another place";
    }

    @Override
    public String source() {
        return "Linux 3.0 mm/migrate.c, remove_migration_pte(); 486cf46f3f9b (3.1), BUG at swapops.h:105";
    }

    @Override
    public List<String> variants() {
        return List.of(MigrationRuleSets.CURRENT, PEEKS);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(PEEKS) ? Expectation.fails(FailureKind.RMAP_MISSED) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = scene.newWriter(boot);
        new Moving(kernel, scene, 0, mm).task(scene, 0);
        scene.task(1, "mremap", cpu -> {
            if (kernel.mmap().mremap(cpu, mm, BASE, PAGE, PAGE, true, TARGET) != TARGET) {
                throw new SceneBroken("mremap fails");
            }
        });
        return cpu -> {
            Moving.expect(kernel, cpu, mm, TARGET, 7);
            scene.exit(cpu, mm);
        };
    }
}
