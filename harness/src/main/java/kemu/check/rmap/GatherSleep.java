package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.pgtable.gather.Gathers;

/**
 * exit gathers the pages it unmaps, then unlinks the VMA from its anon_vmas, and frees the pages last. In between it
 * takes the locks of anon_vmas with a gather in its hand. One that belongs to the CPU must not be left meanwhile, so
 * those locks could not become sleeping ones before gathers were preemptible. Leaving it all the same is no way out:
 * while one exit waits for the lock, which a walk has, another on the same CPU uses the same gather.
 */
final class GatherSleep implements RmapScenario {
    private static final String PREEMPTIBLE = "preemptible-";
    private static final String PER_CPU = "per-cpu-";
    private static final String UNPINNED = "unpinned-";
    private static final List<String> SPINNING = List.of("root-recheck");
    private static final List<String> SLEEPING = List.of("refcount", "root-rwsem", "root-rwsem-revalidate");

    @Override
    public String name() {
        return "rmap-gather-sleep";
    }

    @Override
    public String description() {
        return "exit takes the lock of an anon_vma, which may sleep, with a gather of pages in its hand";
    }

    @Override
    public String source() {
        return "Peter Zijlstra's preemptible mmu_gather, announced in April 2010; d16dfc550f53, 2b575eb64f7a (3.0)";
    }

    /** Tasks on one CPU give way only where they sleep, which is what this is about. */
    @Override
    public boolean preemptible() {
        return false;
    }

    @Override
    public List<String> variants() {
        List<String> sound = RmapScenario.withForeign(
                Stream.concat(SLEEPING.stream(), SPINNING.stream()).toList());
        return Stream.concat(
                        sound.stream().map(lookup -> PREEMPTIBLE + lookup),
                        Stream.concat(
                                sound.stream().map(lookup -> PER_CPU + lookup),
                                SLEEPING.stream().map(lookup -> UNPINNED + lookup)))
                .toList();
    }

    private static String gather(String variant) {
        return Stream.of(PREEMPTIBLE, PER_CPU, UNPINNED)
                .filter(variant::startsWith)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public String lookup(String variant) {
        return variant.substring(gather(variant).length());
    }

    @Override
    public boolean knownBad(String variant) {
        return !variant.startsWith(PREEMPTIBLE);
    }

    @Override
    public KernelConfig configure(String variant) {
        String gathers = switch (gather(variant)) {
            case PER_CPU -> Gathers.PER_CPU;
            case UNPINNED -> Gathers.PER_CPU_UNPINNED;
            default -> Gathers.PREEMPTIBLE;
        };
        return new KernelConfig(lookup(variant), 0).withGather(gathers);
    }

    @Override
    public Expectation expected(Subject subject) {
        String variant = subject.variant();
        if (variant.startsWith(PREEMPTIBLE) || SPINNING.contains(lookup(variant))) {
            return Expectation.HOLDS;
        }
        return Expectation.fails(variant.startsWith(PER_CPU) ? FailureKind.ATOMIC_CONTEXT : FailureKind.ACCOUNTING);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long one = scene.newWriter(boot);
        long other = scene.newWriter(boot);
        long page = scene.isolatedPage(boot, one);
        scene.reclaim(page);
        scene.task(1, "exit", cpu -> scene.exit(cpu, one));
        scene.task(1, "exit-other", cpu -> scene.exit(cpu, other));
        return cpu -> kernel.pages().putPage(cpu, page);
    }
}
