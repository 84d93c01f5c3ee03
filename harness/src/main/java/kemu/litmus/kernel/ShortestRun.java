package kemu.litmus.kernel;

import java.util.BitSet;
import java.util.List;
import java.util.function.ToLongFunction;
import kemu.host.Stop;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Exploration;
import kemu.hw.explore.Outcome;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.path.SharedMemory;

/**
 * The shortest execution of a test on emulated CPUs that shows its outcome, told step by step. Of tests that wait for
 * grace periods there is none: these are long, and what is shortest tells nothing.
 *
 * @param moments the steps; empty if none was found
 * @param memory where the locations are
 * @param locks which of them are locks, whose words are a matter of the algorithm
 * @param values the final state
 * @param complete false if it was given up
 */
public record ShortestRun(
        List<Moment> moments, SharedMemory memory, BitSet locks, ToLongFunction<Item> values, boolean complete) {
    private static final int MAX_STEPS = 10_000;

    /** Whether some execution shows the outcome. */
    public boolean found() {
        return !moments.isEmpty();
    }

    /**
     * Looks for it on a machine under {@code model}, by every state that the machine can reach.
     *
     * @param unroll turns of a waiting loop
     * @param states after which it gives up
     * @return null if the test waits for grace periods
     * @throws LitmusException if the table of primitives refuses to execute the test
     */
    public static ShortestRun of(LitmusTest test, MemoryModel model, int unroll, long states) {
        SharedMemory memory = new SharedMemory(test);
        FinalStates ends = new FinalStates(test, memory);
        KernelEngine.Options options = new KernelEngine.Options(
                model, KernelEngine.Kind.STATES, 0, 0, unroll, "ticket", "sched", List.of(), states);
        try (KernelScene scene = new KernelScene(test, memory, ends.items(), options, RcuUse::of)) {
            return scene.hasClock() ? null : search(scene, memory, ends, states);
        }
    }

    private static ShortestRun search(KernelScene scene, SharedMemory memory, FinalStates ends, long states) {
        Exploration exploration = new Exploration(scene.machine(), MAX_STEPS);
        StateSearch search = new StateSearch(scene.machine(), exploration, true, states);
        scene.machine().record(search);
        long[] values = new long[ends.items().size()];
        boolean shown = false;
        for (long n = 0; !shown && !Stop.requested() && search.begin(n); n++) {
            scene.begin(0, 0);
            boolean over = exploration.execute(search) == Outcome.ENDED && scene.over();
            if (over) {
                scene.machine().settleBuffers();
                scene.state(values);
            }
            shown = over && ends.shows(values);
            exploration.rewind();
        }
        MomentTeller teller = new MomentTeller(scene, shown ? search.way() : new int[0]);
        if (shown) {
            scene.machine().record(teller);
            scene.begin(0, 0);
            exploration.execute(teller);
        }
        List<Item> items = ends.items();
        List<Moment> moments = teller.moments();
        ToLongFunction<Item> end = item -> items.contains(item) ? values[items.indexOf(item)] : memory.value(item);
        if (shown) {
            exploration.rewind();
        }
        return new ShortestRun(moments, memory, scene.words().locks(), end, search.complete() && !Stop.requested());
    }
}
