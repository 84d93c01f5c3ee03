package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.MixScenario;
import kemu.check.scenario.Scene;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.strategy.Strategies;
import kemu.mm.vma.lookup.VmaLookups;

/**
 * Three threads of one address space fault, map, unmap, protect, move, fork and reclaim, what and where differs in each
 * execution of a search that samples. Each thread has two pages that only it uses, in mappings that it shares with its
 * neighbours, and all race in a few common ones; grace periods go on meanwhile, so VMAs and range nodes are reused.
 * Reclaim takes any of these pages, so that faults find swap entries under each lookup.
 */
final class ThreadMix implements VmaScenario, MixScenario {
    /** The thread of grace periods runs on this CPU. */
    private static final int GRACE_PERIODS = 2;
    /** Room for fewer pages than there are. */
    private static final int SWAP_PAGES = 8;

    private final List<String> lookups;

    /** With every lookup that is not known to be wrong. */
    ThreadMix() {
        this(Strategies.sound(VmaLookups.BUILT_IN));
    }

    /** With {@code lookups}. */
    ThreadMix(List<String> lookups) {
        this.lookups = lookups;
    }

    @Override
    public String name() {
        return "vma-threads";
    }

    @Override
    public String description() {
        return "three threads of one mm fault, map, unmap, protect, move, fork, reclaim: other calls in each execution";
    }

    @Override
    public List<String> variants() {
        return lookups;
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(SWAP_PAGES).withVmaLookup(variant);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        long mm = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, mm, BASE, MixedCalls.ALL_PAGES, Fixture.RW);
        for (int page = 0; page < MixedCalls.ALL_PAGES; page += 2) {
            // Every second page is there, and the mapping has its anon_vma.
            Fixture.write(kernel, boot, mm, BASE + (long) page * PAGE, MixedCalls.FIRST);
        }
        kernel.lru().drainAll(boot);
        for (int i = 0; i < THREADS; i++) {
            Fixture.warm(kernel, scene.cpu(i), mm);
            kernel.mms().mmget(boot, mm);
            int thread = i;
            MixScenario.thread(scene, i, random -> new MixedCalls(kernel, mm, thread, random)::next);
        }
        scene.gracePeriods(GRACE_PERIODS);
        return cpu -> {
            for (int i = 0; i <= THREADS; i++) {
                scene.exit(cpu, mm);
            }
        };
    }
}
