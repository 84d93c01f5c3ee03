package kemu.check.rmap;

import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scenario;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.AnonVma;

/**
 * A page that reclaim holds keeps naming its anon_vma long after its process has gone. Grace periods go by, the slab of
 * the anon_vma is empty, and its page is given back. Only a page that is mapped, seen inside the RCU section, proves
 * that what it names is still memory of the anon_vma cache: a lookup without that test locks a word of anything.
 *
 * <p>Two grace periods may be needed, so ticks strike twice. With {@code object-rcu} the anon_vma itself waits for the
 * first of them, and its slab for another one, which is not run here.
 */
final class NoMappedTest implements Scenario {
    @Override
    public String name() {
        return "rmap-no-mapped-test";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma against exit, grace periods and the end of the anon_vma's slab page (April 2010)";
    }

    @Override
    public String source() {
        return "the proposal of 13 April 2010 and KOSAKI Motohiro's answer";
    }

    @Override
    public boolean preemptible() {
        return false;
    }

    @Override
    public Expectation expected(Subject subject) {
        if (!subject.variant().equals("no-mapped-test")) {
            return Expectation.HOLDS;
        }
        // The lookup writes to memory that is free, or another owner's by then. Where loads come late, a search may see
        // that nothing orders the two before it sees them in this order.
        return subject.model().staleLoads()
                ? Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.TYPE_CONFUSION, FailureKind.DATA_RACE)
                : Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.TYPE_CONFUSION)
                        .withSigns(FailureKind.DATA_RACE);
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        return Expectation.needsReuse(subject, "the slab page of the anon_vma must be given back in it");
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newWriter(boot);
        leaveAlone(kernel.anonVmas().cache(), boot);
        long page = scene.isolatedPage(boot, owner);
        long anonVma = scene.anonVma(boot, owner);
        scene.task(0, "reclaim", cpu -> {
            scene.tick(cpu);
            scene.tick(cpu);
            Looker.look(kernel, cpu, page);
        });
        scene.task(1, "exit", cpu -> {
            scene.exit(cpu, owner);
            scene.callbacks(cpu);
            reuse(kernel, cpu, anonVma);
        });
        scene.gracePeriods(1);
        return cpu -> {
            if (!variant.equals("object-rcu") && kernel.anonVmas().cache().slabPages(cpu) != 1) {
                throw new SceneBroken("the slab page of the anon_vma is kept");
            }
        };
    }

    /**
     * Takes the page that held {@code anonVma}, if it is free, and writes to it. Without these writes nobody would
     * notice what the lookup writes there, and the explorer would not try the other order of the two.
     */
    private static void reuse(Kernel kernel, Cpu cpu, long anonVma) {
        long taken = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
        if (kernel.pages().frameOf(taken) == (anonVma & -PhysMem.PAGE_SIZE)) {
            use(cpu, anonVma);
        }
        kernel.pages().freePages(cpu, taken, 0);
    }

    private static void use(Cpu cpu, long anonVma) {
        for (int at = 0; at < AnonVma.LAYOUT.sizeBytes(); at += Integer.BYTES) {
            cpu.writeOnce32(anonVma + at, 0);
        }
        for (int at = 0; at < AnonVma.LAYOUT.sizeBytes(); at += Integer.BYTES) {
            if (cpu.readOnce32(anonVma + at) != 0) {
                throw new Violation(
                        FailureKind.TYPE_CONFUSION,
                        "BUG: a lookup has written to memory of another type, at 0x" + Long.toHexString(anonVma + at));
            }
        }
    }

    /** Sees to it that the one allocated object of {@code cache} is alone on a slab that no CPU allocates from. */
    static void leaveAlone(KmemCache cache, Cpu boot) {
        long[] filling = new long[cache.objectsPerSlab()];
        for (int i = 0; i < filling.length; i++) {
            filling[i] = cache.alloc(boot, Gfp.NOWAIT);
        }
        for (long one : filling) {
            cache.free(boot, one);
        }
    }
}
