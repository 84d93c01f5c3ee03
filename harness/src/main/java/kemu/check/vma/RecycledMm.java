package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.order.Order;
import kemu.mm.Kernel;

/**
 * A fault finds a VMA, which is unmapped, and whose slot becomes a VMA of another mm before the fault counts itself on
 * it. The other mm exits: it must not be gone before the fault has woken whoever waits for readers there.
 *
 * <p>Source: Linux 6.15 mm/memory.c, lock_vma_under_rcu(); fixed by 9bbffee67ffd (6.17).
 */
final class RecycledMm implements VmaScenario {
    private static final long VICTIM = BASE + PAGE;

    private final String name;
    /** Whether the recycler waits until munmap has returned: less to explore, all variants fail all the same. */
    private final boolean inOrder;

    RecycledMm(String name, boolean inOrder) {
        this.name = name;
        this.inOrder = inOrder;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "a fault counts itself on a VMA that has become another mm's, which exits (6.15)";
    }

    @Override
    public int cpus() {
        return 3;
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign(
                "per-vma-refcount",
                "per-vma-refcount-6.15",
                "per-vma-refcount-early-mm",
                "per-vma-refcount-no-wake",
                "per-vma-refcount-object-rcu");
    }

    @Override
    public String source() {
        return "Linux 6.15 mm/memory.c, lock_vma_under_rcu(); fixed by 9bbffee67ffd (6.17)";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a fault wakes the writers of an mm that is freed, through a VMA that was recycled",
                "6.15 and 6.16",
                "3104138517fc",
                "9bbffee67ffd (6.17)",
                "per-vma-refcount-6.15"));
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            // The free of what is still used is a store that nothing orders with the use, whichever comes first.
            case "per-vma-refcount-6.15", "per-vma-refcount-early-mm" ->
                Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE);
            case "per-vma-refcount-no-wake" -> Expectation.fails(FailureKind.HANG);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public boolean needsNextLife() {
        return true;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu unmapper = scene.cpu(1);
        Cpu recycler = scene.cpu(2);
        long mm = kernel.mms().mmAlloc(unmapper);
        // Keeps the page table; the victim lies on the slab from which the recycler allocates.
        Fixture.map(kernel, unmapper, mm, BASE, 1, Fixture.RW);
        Fixture.map(kernel, recycler, mm, VICTIM, 1, Fixture.READ);
        Fixture.read(kernel, unmapper, mm, BASE);
        long other = kernel.mms().mmAlloc(recycler);
        long idle = kernel.mms().mmAlloc(recycler);
        Fixture.warm(kernel, unmapper, idle);
        Fixture.warm(kernel, recycler, idle);
        int slots = kernel.mms().vmaCache().objectsPerSlab();
        for (int i = 1; i < slots; i++) {
            Fixture.map(kernel, recycler, idle, BASE + 2L * i * PAGE, 1, Fixture.RW);
        }
        FoundVma lookup = FoundVma.of(kernel);
        scene.task(0, "fault", cpu -> lookup.giveBack(cpu, mm, lookup.find(cpu, mm, VICTIM)));
        long unmapped = scene.word(unmapper);
        scene.task(1, "munmap", cpu -> {
            Fixture.unmap(kernel, cpu, mm, VICTIM, 1);
            if (inOrder) {
                cpu.storeRelease64(unmapped, 1, Order.RELEASE);
            }
        });
        scene.task(2, "mmap+exit", cpu -> {
            if (inOrder) {
                cpu.condLoadEq64(unmapped, -1, 1, Order.ACQUIRE);
            }
            Fixture.map(kernel, cpu, other, BASE, 1, Fixture.RW);
            scene.exit(cpu, other);
        });
        return cpu -> {
            scene.exit(cpu, mm);
            scene.exit(cpu, idle);
        };
    }
}
