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
import kemu.mm.Kernel;
import kemu.mm.migrate.rules.MigrationRuleSets;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * A page is moved to another frame while UFFDIO_MOVE takes it to another address, where another root has it. Who meets
 * a migration entry waits and begins anew; who has the page lock first keeps the other away: the walk that takes
 * entries away goes by the anon_vma and the number that the page had when they were put there.
 */
final class MigrateUffd implements MigrateScenario {
    private static final long TARGET = BASE + 16 * PAGE;

    @Override
    public String name() {
        return "migrate-uffd";
    }

    @Override
    public String description() {
        return "a page is moved to another frame while UFFDIO_MOVE takes it to another address";
    }

    @Override
    public String source() {
        return "Linux 6.8 mm/userfaultfd.c, move_pages_pte(), migration_entry_wait()";
    }

    @Override
    public List<String> variants() {
        return List.of(MigrationRuleSets.CURRENT);
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
        long rights = VmArea.VM_READ | VmArea.VM_WRITE;
        if (kernel.mmap().mmap(boot, mm, TARGET, PAGE, rights, true, Cpu.NULL, 0) != TARGET) {
            throw new SceneBroken("mmap fails");
        }
        new Moving(kernel, scene, 0, mm).task(scene, 0);
        int[] result = new int[1];
        scene.task(1, "uffd", cpu -> result[0] = kernel.movePages().move(cpu, mm, BASE, TARGET));
        return cpu -> {
            if (result[0] != 0 && result[0] != Errno.EAGAIN) {
                throw new SceneBroken("UFFDIO_MOVE returns " + result[0]);
            }
            Moving.expect(kernel, cpu, mm, result[0] == 0 ? TARGET : BASE, 7);
            scene.exit(cpu, mm);
        };
    }
}
