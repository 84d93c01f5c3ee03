package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.rmap.rules.AnonVmaRuleSets;
import kemu.mm.types.VmArea;

/**
 * A thread makes the anon_vma of a VMA, of a slot that was a child of another root before. A second thread, which
 * writes to another page of the VMA, finds the anon_vma without a lock, and reclaim asks about that page: it must not
 * lock the old root. With {@code neighbour} a third thread writes to the next VMA, which takes the anon_vma over. Of
 * the faults only what has to do with the anon_vma takes part.
 *
 * <p>{@code mm-anon-vma} is the small brother, for the two ordering points themselves.
 */
final class PreparePublish implements RmapScenario {
    private static final long BASE = 0x7100_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final String NEIGHBOUR = "neighbour";

    @Override
    public String name() {
        return "rmap-prepare-publish";
    }

    @Override
    public String description() {
        return "two threads fault in one VMA: one makes its anon_vma, the other and reclaim use it";
    }

    @Override
    public String source() {
        return "patch \"mm: Fix anon_vma memory ordering\", linux-mm, 26 July 2023";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "a new anon_vma is seen by a fault before it is whole, as nothing orders its publication",
                "at least until 6.5 (by analysis)",
                "",
                "patch on linux-mm, 26 July 2023, not merged as it was",
                "published-plain"));
    }

    @Override
    public int cpus() {
        return 3;
    }

    @Override
    public List<String> variants() {
        return List.of("release-acquire", "published-plain", "found-by-address", NEIGHBOUR, "neighbour-plain");
    }

    @Override
    public KernelConfig configure(String variant) {
        boolean current = variant.equals("release-acquire") || variant.equals(NEIGHBOUR);
        return RmapScenario.kernel("root-recheck", current ? AnonVmaRuleSets.CURRENT : variant);
    }

    @Override
    public Expectation expected(Subject subject) {
        MemoryModel model = subject.model();
        return switch (subject.variant()) {
            // It is found before the VMA lists it; or the list is walked under the lock of the old root.
            case "published-plain" ->
                model.reordersStores() && model.staleLoads()
                        ? Expectation.fails(FailureKind.RMAP_I3, FailureKind.DATA_RACE, FailureKind.HANG)
                        : Expectation.hides(
                                model.reordersStores()
                                        ? "loads are in order on " + model
                                        : "stores are in order on " + model + ", and so are loads");
            case "found-by-address" ->
                model.dependencies()
                        ? Expectation.HOLDS
                        : Expectation.fails(FailureKind.DATA_RACE, FailureKind.BAD_UNLOCK, FailureKind.HANG);
            // On any model: that the chain has one entry is looked at through no address that the load returned.
            case "neighbour-plain" -> Expectation.fails(FailureKind.DATA_RACE);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        return usual;
    }

    /** Three tasks that allocate have very many ways to interleave. */
    @Override
    public int deviations(MemoryModel model) {
        return 2;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu first = scene.cpu(0);
        long mm = kernel.mms().mmAlloc(first);
        map(kernel, first, mm, BASE, 2, RW);
        map(kernel, first, mm, BASE + 2L * PAGE, 1, RW | VmArea.VM_EXEC);
        for (int id = 1; id < cpus(); id++) {
            // Leaves free objects on the CPU's own lists: nobody has to make a slab.
            scene.exit(scene.cpu(id), scene.newWriter(scene.cpu(id)));
        }
        long parent = scene.newWriter(first);
        scene.exit(first, scene.forkWriter(first, parent));
        long page = kernel.pages().allocPages(scene.cpu(1), Gfp.KERNEL, 0);
        long vma = kernel.mms().findVma(first, mm, BASE);
        long next = kernel.mms().findVma(first, mm, BASE + 2L * PAGE);
        scene.task(0, "makes", cpu -> prepare(kernel, cpu, vma));
        scene.task(1, "finds+reclaim", cpu -> {
            prepare(kernel, cpu, vma);
            kernel.pageRmap().pageAddNewAnonRmap(cpu, page, vma, BASE + PAGE);
            scene.pageReferenced(cpu, page);
            kernel.pageRmap().pageRemoveRmap(cpu, page);
        });
        if (variant.startsWith(NEIGHBOUR)) {
            scene.task(2, "takes over", cpu -> prepare(kernel, cpu, next));
        }
        return cpu -> {
            kernel.pages().putPage(cpu, page);
            scene.exit(cpu, mm);
            scene.exit(cpu, parent);
        };
    }

    private static void map(Kernel kernel, Cpu cpu, long mm, long at, int pages, long rights) {
        if (kernel.mmap().mmap(cpu, mm, at, (long) pages * PAGE, rights, true, Cpu.NULL, 0) != at) {
            throw new SceneBroken("mmap fails");
        }
    }

    /** What a write fault begins with. Nobody changes VMAs here, so it needs no mmap_sem. */
    private static void prepare(Kernel kernel, Cpu cpu, long vma) {
        if (kernel.anonVmas().anonVmaPrepare(cpu, vma) != 0) {
            throw new SceneBroken("there is no memory");
        }
    }
}
