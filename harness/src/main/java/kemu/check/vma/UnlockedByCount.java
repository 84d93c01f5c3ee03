package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * mprotect changes a VMA and unlocks it by one count up of its mm's number. A fault that sees the VMA unlocked must see
 * it changed: nothing else than that number orders the two.
 */
final class UnlockedByCount implements VmaScenario {
    @Override
    public String name() {
        return "vma-lock-seq";
    }

    @Override
    public String description() {
        return "a fault under its VMA's lock against mprotect, which unlocks all VMAs by one count up (6.4)";
    }

    @Override
    public String source() {
        return "Linux 6.4 include/linux/mm.h, vma_start_read(); fixed by b1f02b95758d (6.4.8)";
    }

    @Override
    public List<String> variants() {
        return List.of("per-vma-lock", "per-vma-refcount", "spf");
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        scene.task(0, "fault", cpu -> kernel.faults().handleWithoutMmapSem(cpu, mm, BASE, false));
        scene.task(1, "mprotect", cpu -> {
            if (kernel.mmap().mprotect(cpu, mm, BASE, Fixture.PAGE, Fixture.READ) != 0) {
                throw new SceneBroken("mprotect fails");
            }
        });
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
