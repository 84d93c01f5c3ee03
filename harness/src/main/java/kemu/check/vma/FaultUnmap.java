package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;

/**
 * A thread writes to a page of a mapping that another thread unmaps, all of it or its end. The page must not be mapped
 * after munmap is through with its pte, nor the VMA be used once it is freed.
 *
 * <p>Only the part of the fault before mmap_sem takes part. That the sequence is looked at once more after the bounds
 * ({@code spf-bounds}) is not needed: the look under the pte lock sees all of it, and whoever gives up earlier only
 * saves the allocation of a page. What is needed is that the sequence covers the bounds: if it is read after them
 * ({@code spf-bounds-late}) no look at it, however late, shows that the VMA has shrunk in between, and the fault is
 * served beyond its end. So the row D-bounds of KERNEL-FACTS is about the order of these two reads.
 */
final class FaultUnmap implements VmaScenario {
    /** In the page table of a mapping that stays. */
    static final long SHARED_TABLE = BASE + 2 * PAGE;
    /** In a page table of its own, which goes with the last page. */
    static final long OWN_TABLE = BASE + (4L << 20);

    private final String name;
    private final String description;
    private final List<String> variants;
    private final long victim;
    /** Pages of the mapping, of which the last one goes. */
    private final int pages;

    FaultUnmap(String name, String description, long victim, int pages, List<String> variants) {
        this.name = name;
        this.description = description;
        this.victim = victim;
        this.pages = pages;
        this.variants = variants;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign(variants.toArray(new String[0]));
    }

    @Override
    public String source() {
        return "patches v12 8, 16, 20 and 22 of 31, speculative page faults, April 2019";
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            // The free of what is still used is a store that nothing orders with the use, whichever comes first.
            case "spf-put-now" -> Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE);
            // A page that nobody unmaps any more.
            case "spf-zap", "spf-bounds-late" -> Expectation.fails(FailureKind.ACCOUNTING);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        Fixture.warm(kernel, scene.cpu(0), mm);
        Fixture.map(kernel, boot, mm, victim, pages + 1, Fixture.RW);
        // An anon_vma for the VMA, and a page that goes first.
        Fixture.write(kernel, boot, mm, victim, 1);
        Fixture.unmap(kernel, boot, mm, victim, 1);
        long last = victim + (long) pages * PAGE;
        scene.task(0, "fault", cpu -> kernel.faults().handleWithoutMmapSem(cpu, mm, last, true));
        scene.task(1, "munmap", cpu -> Fixture.unmap(kernel, cpu, mm, last, 1));
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
