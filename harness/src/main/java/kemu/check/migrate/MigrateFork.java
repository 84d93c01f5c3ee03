package kemu.check.migrate;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/**
 * A page is moved while its process forks: the child gets a copy of the migration entry, or of a pte, and the walk that
 * takes entries away finds both, since the child's VMA is behind its parent's on the list before a pte is copied. A
 * child that writes gets a page of its own.
 */
final class MigrateFork implements MigrateScenario {
    @Override
    public String name() {
        return "migrate-fork";
    }

    @Override
    public String description() {
        return "a page is moved while its process forks";
    }

    @Override
    public String source() {
        return "Linux 26ba0cb63cb8 (2.6.36) mm/rmap.c, anon_vma_chain_link(); 2.6.36 mm/memory.c, copy_one_pte()";
    }

    @Override
    public List<String> variants() {
        return List.of("root-recheck", "local-lock", "root-rwsem");
    }

    @Override
    public String lookup(String variant) {
        return variant;
    }

    @Override
    public KernelConfig configure(String variant) {
        return new KernelConfig(variant, 0);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long parent = scene.newWriter(boot);
        new Moving(kernel, scene, 0, parent).task(scene, 0);
        long child = scene.word(boot);
        scene.task(1, "fork", cpu -> cpu.writeOnce64(child, scene.fork(cpu, parent)));
        return cpu -> {
            long mm = cpu.readOnce64(child);
            kernel.userAccess().store64(cpu, mm, BASE, 8);
            Moving.expect(kernel, cpu, mm, BASE, 8);
            Moving.expect(kernel, cpu, parent, BASE, 7);
            scene.exit(cpu, mm);
            scene.exit(cpu, parent);
        };
    }
}
