package kemu.check.migrate;

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
 * A page is moved while its process exits. Whoever empties a pte with a migration entry counts the page down as what it
 * is, anonymous or a file's, which the old page has to say: it is the one that the entry names, also when the new one
 * has the contents already.
 */
final class MigrateZap implements MigrateScenario {
    private static final String RESETS = "resets-mapping";

    @Override
    public String name() {
        return "migrate-zap";
    }

    @Override
    public String description() {
        return "a page is moved while its process exits: which counter does an emptied migration entry come off?";
    }

    @Override
    public String source() {
        return "Linux 3.3 mm/memory.c, zap_pte_range(); 4.4 mm/migrate.c, migrate_page_copy()";
    }

    @Override
    public List<String> variants() {
        return List.of(MigrationRuleSets.CURRENT, RESETS);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(RESETS) ? Expectation.fails(FailureKind.ACCOUNTING) : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = scene.newWriter(boot);
        new Moving(kernel, scene, 0, mm).task(scene, 0);
        scene.task(1, "exit", cpu -> scene.exit(cpu, mm));
        return cpu -> {};
    }
}
