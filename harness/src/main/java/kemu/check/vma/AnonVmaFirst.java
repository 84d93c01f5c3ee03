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
import kemu.mm.Kernel;
import kemu.mm.uapi.Errno;

/**
 * A fault sees that its VMA has an anon_vma, and locks the VMA; in between mremap takes the anon_vma away. The fault
 * then looks for one at the next VMA, which it has not locked and which somebody unmaps.
 */
final class AnonVmaFirst implements VmaScenario {
    private static final long NEXT = BASE + 2 * PAGE;

    @Override
    public String name() {
        return "vma-lock-anon-vma";
    }

    @Override
    public String description() {
        return "a fault under its VMA's lock against mremap(MREMAP_DONTUNMAP) and munmap of the next VMA (6.4.0)";
    }

    @Override
    public String source() {
        return "Linux 6.4 mm/memory.c, lock_vma_under_rcu(); fixed by 657b5146955e (6.4.10)";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "anon_vma is tested before the VMA is locked, the fault uses a VMA that it has not locked",
                "6.4.0 to 6.4.9",
                "5e31275cc997",
                "657b5146955e (6.5-rc4, 6.4.10)",
                "per-vma-lock-6.4.0"));
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign(
                "per-vma-lock", "per-vma-lock-6.4.0", "per-vma-lock-retry", "mmap-sem", "per-vma-refcount", "spf");
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "per-vma-lock-6.4.0" -> Expectation.fails(FailureKind.DATA_RACE, FailureKind.USE_AFTER_FREE);
            case "per-vma-lock-retry" -> Expectation.fails(FailureKind.LIVELOCK);
            default -> Expectation.HOLDS;
        };
    }

    /** A fault that sleeps for mmap_sem has very many ways to come there. */
    @Override
    public int deviations(Subject subject) {
        return subject.variant().equals("mmap-sem") ? 2 : -1;
    }

    /** No sound lookup needs half of it, stores that come to memory on their own included. */
    @Override
    public int mostSteps() {
        return 4_000;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        Fixture.warm(kernel, scene.cpu(0), mm);
        Fixture.map(kernel, boot, mm, BASE + PAGE, 1, Fixture.RWX);
        Fixture.map(kernel, boot, mm, NEXT, 1, Fixture.RW);
        Fixture.write(kernel, boot, mm, BASE + PAGE, 1);
        Fixture.write(kernel, boot, mm, NEXT, 1);
        scene.task(0, "fault", cpu -> {
            if (variant.equals("mmap-sem")) {
                kernel.faults().handleMmFault(cpu, mm, BASE + PAGE, true);
            } else {
                kernel.faults().handleWithoutMmapSem(cpu, mm, BASE + PAGE, true);
            }
        });
        scene.task(1, "mremap+munmap", cpu -> {
            if (Errno.isError(kernel.mmap().mremapDontunmap(cpu, mm, BASE + PAGE, PAGE))) {
                throw new SceneBroken("mremap fails");
            }
            Fixture.unmap(kernel, cpu, mm, NEXT, 1);
        });
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
