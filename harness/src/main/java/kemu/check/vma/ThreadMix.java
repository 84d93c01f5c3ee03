package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.vma.VmaLookupProvider;
import kemu.mm.vma.lookup.VmaLookups;

/**
 * Three threads of one address space fault, map, unmap, protect, move and fork, what and where differs in each
 * execution of a search that samples. Each thread has two pages that only it uses, in mappings that it shares with its
 * neighbours, and all race in a few common ones; grace periods go on meanwhile, so VMAs and range nodes are reused.
 */
final class ThreadMix implements VmaScenario {
    private static final int THREADS = 3;
    /** Calls of each thread: what a search of ten thousand executions can do in minutes. */
    private static final int CALLS = 3;
    /** The thread of grace periods runs on this CPU. */
    private static final int GRACE_PERIODS = 2;

    private final List<String> lookups;

    /** With every lookup that is not known to be wrong. */
    ThreadMix() {
        this(VmaLookups.BUILT_IN.stream()
                .filter(one -> !one.knownBad())
                .map(VmaLookupProvider::name)
                .toList());
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
        return "three threads of one mm fault, map, unmap, protect, move and fork, other calls in each execution";
    }

    @Override
    public int cpus() {
        return THREADS;
    }

    @Override
    public boolean preemptible() {
        return false;
    }

    @Override
    public List<String> variants() {
        return lookups;
    }

    @Override
    public boolean coverable() {
        return false;
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
        for (int i = 0; i < THREADS; i++) {
            Fixture.warm(kernel, scene.cpu(i), mm);
            kernel.mms().mmget(boot, mm);
            int thread = i;
            scene.task(i, "thread" + i, cpu -> thread(scene, kernel, cpu, mm, thread));
        }
        scene.gracePeriods(GRACE_PERIODS);
        return cpu -> {
            for (int i = 0; i <= THREADS; i++) {
                scene.exit(cpu, mm);
            }
        };
    }

    private static void thread(Scene scene, Kernel kernel, Cpu cpu, long mm, int thread) {
        SplittableRandom random = new SplittableRandom(scene.lot() + thread);
        MixedCalls calls = new MixedCalls(kernel, mm, thread, random);
        for (int i = 0; i < CALLS; i++) {
            calls.next(cpu);
            scene.quiescent(cpu);
        }
    }
}
