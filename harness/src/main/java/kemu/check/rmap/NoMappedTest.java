package kemu.check.rmap;

import java.util.function.Consumer;
import kemu.check.Scenario;
import kemu.check.Scene;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;

/**
 * A page that reclaim holds keeps naming its anon_vma long after its process has gone. Grace periods go by, the slab of
 * the anon_vma is empty, and its page is given back. Only a page that is mapped, seen inside the RCU section, proves
 * that what it names is still memory of the anon_vma cache: a lookup without that test locks a word of anything.
 *
 * <p>Two grace periods may be needed, so ticks strike twice. With {@code object-rcu} the anon_vma itself waits for the
 * first of them, and its slab for another one, which is not run here.
 *
 * <p>Source: the proposal of 13 April 2010 and KOSAKI Motohiro's answer.
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
    public int cpus() {
        return 2;
    }

    @Override
    public boolean preemptible() {
        return false;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long owner = scene.newMm(boot);
        scene.write(boot, owner);
        leaveAlone(kernel.anonVmas().cache(), boot);
        long page = scene.isolatedPage(boot, owner);
        scene.task(0, "reclaim", cpu -> {
            scene.tick(cpu);
            scene.tick(cpu);
            Looker.look(kernel, cpu, page);
        });
        scene.task(1, "exit", cpu -> {
            scene.exit(cpu, owner);
            scene.callbacks(cpu);
        });
        scene.gracePeriods(1);
        return cpu -> {
            if (!variant.equals("object-rcu") && kernel.anonVmas().cache().slabPages(cpu) != 1) {
                throw new KernelBug("BUG: the scene is not what it should be: the slab page of the anon_vma is kept");
            }
        };
    }

    /** The one object of {@code cache} that is allocated is alone on its slab, which is not the CPU's own any more. */
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
