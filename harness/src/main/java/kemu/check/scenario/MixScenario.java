package kemu.check.scenario;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import kemu.hw.cpu.Cpu;

/** A scenario whose threads make other calls in each execution: for searches that sample. */
public interface MixScenario extends Scenario {
    /** Threads, each on a CPU of its own. */
    int THREADS = 3;
    /** Calls of each thread: what a search of ten thousand executions can do in minutes. */
    int CALLS = 3;

    @Override
    default int cpus() {
        return THREADS;
    }

    @Override
    default boolean preemptible() {
        return false;
    }

    @Override
    default boolean coverable() {
        return false;
    }

    /**
     * Adds thread {@code id} to the scene, which makes {@link #CALLS} calls. The thread itself asks {@code calls} for
     * what makes one call, drawn from the lot of this execution.
     */
    static void thread(Scene scene, int id, Function<SplittableRandom, Consumer<Cpu>> calls) {
        scene.task(id, "thread" + id, cpu -> {
            Consumer<Cpu> next = calls.apply(new SplittableRandom(scene.lot() + id));
            for (int i = 0; i < CALLS; i++) {
                next.accept(cpu);
                scene.quiescent(cpu);
            }
        });
    }
}
