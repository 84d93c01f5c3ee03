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
import kemu.kernel.locking.LockClass;
import kemu.kernel.task.Completion;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.types.VmArea;

/**
 * A thread remembers a VMA, without a reference, which another thread unmaps. Can find_vma return a freed VMA from
 * there (KERNEL-FACTS, question 7 of K)? The argument for no was that the owner's reference is put after the caches are
 * invalidated, and the tree's after a grace period.
 *
 * <p>Each is true and together they are not enough. v12 queues the put of the tree's reference, and then invalidates. A
 * grace period that begins between the two does not wait for a lookup that begins between the two, and that lookup
 * still finds the VMA in the cache. When the caches have been invalidated the owner puts its reference, which waits for
 * nobody; the grace period ends, the tree's reference is the last one, and the lookup references a freed VMA. The way
 * out is to invalidate before the put is queued ({@code spf}).
 *
 * <p>On a kernel that is not preemptible nothing begins a grace period there but an interrupt, or call_rcu itself when
 * callbacks flood the CPU: munmap of more than {@code qhimark} (10,000) VMAs, which invalidates once after all of them.
 */
final class CachedVma implements VmaScenario {
    private static final LockClass OVER = LockClass.of("vma-cache");

    /** What the thread does, and munmap. */
    enum Plot {
        /** The thread has found the VMA before. */
        REMEMBERED,
        /** It finds the VMA while munmap runs, and looks again when that and a grace period are over. */
        FILLED,
        /** As {@link #REMEMBERED}, two VMAs go, and each callback is a flood ({@code qhimark} is 0). */
        FLOOD
    }

    private final String name;
    private final String description;
    private final Plot plot;
    private final List<String> variants;

    CachedVma(String name, String description, Plot plot, List<String> variants) {
        this.name = name;
        this.description = description;
        this.plot = plot;
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
    public int cpus() {
        return plot == Plot.FLOOD ? 3 : 2;
    }

    @Override
    public boolean preemptible() {
        return false;
    }

    /** The flood is too much for an exhaustive search; pct finds what there is. */
    @Override
    public boolean coverable() {
        return plot != Plot.FLOOD;
    }

    @Override
    public List<String> variants() {
        return Fixture.withForeign(variants.toArray(String[]::new));
    }

    @Override
    public KernelConfig configure(String variant) {
        KernelConfig usual = VmaScenario.super.configure(variant);
        return plot == Plot.FLOOD ? usual.withQhimark(0) : usual;
    }

    @Override
    public String source() {
        return "Linux 5.1 mm/vmacache.c under patch v12 21 of 31, speculative page faults, April 2019";
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            // The free of what is still used is a store that nothing orders with the use, whichever comes first.
            case "spf-cache-never" -> Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE);
            case "spf-cache-v12", "spf-cache-late" ->
                plot == Plot.FLOOD
                        ? Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE)
                        : Expectation.HOLDS;
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        kernel.mms().mmget(boot, mm);
        Fixture.map(kernel, boot, mm, BASE, 1, Fixture.RW);
        if (plot == Plot.FLOOD) {
            Fixture.map(kernel, boot, mm, BASE + PAGE, 1, Fixture.READ);
        }
        FoundVma lookup = FoundVma.of(kernel);
        if (plot == Plot.FILLED) {
            filled(kernel, scene, lookup, mm);
        } else {
            remembered(kernel, scene, lookup, mm);
        }
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }

    private void remembered(Kernel kernel, Scene scene, FoundVma lookup, long mm) {
        Fixture.thread(kernel, 0, "fault", mm, cpu -> find(lookup, cpu, mm), cpu -> {
            scene.quiescent(cpu);
            find(lookup, cpu, mm);
        });
        scene.task(1, "munmap", cpu -> {
            if (plot == Plot.FLOOD) {
                Fixture.unmap(kernel, cpu, mm, BASE, 2);
                // To wait for a grace period from its beginning would be to wait for the lookup.
                scene.quiescent(cpu);
                scene.quiescent(cpu);
            } else {
                Fixture.unmap(kernel, cpu, mm, BASE, 1);
                scene.callbacks(cpu);
            }
        });
        scene.gracePeriods(cpus() - 1);
    }

    private static void filled(Kernel kernel, Scene scene, FoundVma lookup, long mm) {
        Cpu boot = scene.cpu(1);
        long over = scene.word(boot);
        Completion.init(boot, over, OVER);
        Fixture.thread(kernel, 0, "fault", mm, cpu -> {}, cpu -> {
            find(lookup, cpu, mm);
            Completion.await(cpu, over);
            find(lookup, cpu, mm);
        });
        scene.task(1, "munmap", cpu -> {
            Fixture.unmap(kernel, cpu, mm, BASE, 1);
            scene.callbacks(cpu);
            Completion.complete(cpu, over);
        });
        scene.gracePeriods(1);
    }

    private static void find(FoundVma lookup, Cpu cpu, long mm) {
        long vma = lookup.find(cpu, mm, BASE);
        if (vma != Cpu.NULL) {
            VmArea.VM_END.readOnce(cpu, vma);
        }
        lookup.giveBack(cpu, mm, vma);
    }
}
