package kemu.check.migrate;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.migrate.rules.MigrationRuleSets;

/**
 * A page is moved while its process reads it and writes to it: the fault waits at the migration entry, and what was
 * written before is there afterwards. Contents that are copied before the last access through an old pte is over miss
 * what that access stores.
 */
final class MigrateFault implements MigrateScenario {
    private static final String COPY_FIRST = "copy-first";

    @Override
    public String name() {
        return "migrate-fault";
    }

    @Override
    public String description() {
        return "a page is moved while its process reads it and writes to it";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/migrate.c migration_entry_wait(), unmap_and_move(); copy-first is made up";
    }

    @Override
    public List<String> variants() {
        return List.of(MigrationRuleSets.CURRENT, COPY_FIRST);
    }

    @Override
    public Expectation expected(Subject subject) {
        // The copy misses what is stored after it.
        return subject.variant().equals(COPY_FIRST) ? Expectation.fails(FailureKind.USER_MEMORY) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = scene.newWriter(boot);
        Moving moving = new Moving(kernel, scene, 0, mm);
        moving.task(scene, 0);
        scene.task(1, "user", cpu -> {
            Moving.expect(kernel, cpu, mm, BASE, 7);
            kernel.userAccess().store64(cpu, mm, BASE, 8);
        });
        return cpu -> {
            Moving.expect(kernel, cpu, mm, BASE, 8);
            scene.exit(cpu, mm);
        };
    }
}
