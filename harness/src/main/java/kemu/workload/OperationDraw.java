package kemu.workload;

import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import kemu.hw.cpu.Cpu;

/** Draws operations by their weights, and counts them. One object for all threads. */
final class OperationDraw {
    private final List<StormOperation> operations;
    private final List<StormOperation> childs;
    private final Map<String, Integer> weights;
    private final Map<String, LongAdder> done;

    /** Of the operations that have a weight in {@code weights}, above 0. */
    OperationDraw(Map<String, Integer> weights) {
        this.weights = weights;
        operations = Operations.ALL.stream()
                .filter(one -> weights.getOrDefault(one.name(), 0) > 0)
                .toList();
        childs = operations.stream().filter(StormOperation::inChild).toList();
        done = operations.stream()
                .collect(java.util.stream.Collectors.toUnmodifiableMap(StormOperation::name, one -> new LongAdder()));
    }

    /** Draws one and does it; false if the thread cannot go on. */
    boolean any(Cpu cpu, StormThread thread) {
        return run(cpu, thread, operations);
    }

    /** The same with those that a forked child may do; nothing is done if there is none. */
    boolean inChild(Cpu cpu, StormThread thread) {
        return childs.isEmpty() || run(cpu, thread, childs);
    }

    private boolean run(Cpu cpu, StormThread thread, List<StormOperation> from) {
        StormOperation drawn = draw(thread.random(), from);
        done.get(drawn.name()).increment();
        thread.doing(drawn.name());
        return drawn.body().run(cpu, thread);
    }

    private StormOperation draw(SplittableRandom random, List<StormOperation> from) {
        int left = random.nextInt(weightOf(from));
        int at = 0;
        while (left >= weights.get(from.get(at).name())) {
            left -= weights.get(from.get(at).name());
            at++;
        }
        return from.get(at);
    }

    private int weightOf(List<StormOperation> from) {
        return from.stream().mapToInt(one -> weights.get(one.name())).sum();
    }

    /** How often each was done. */
    void describe(BiConsumer<String, Object> out) {
        for (StormOperation one : operations) {
            out.accept(
                    "op_" + one.name().replace('-', '_'), done.get(one.name()).sum());
        }
    }

    /** Names of those that were never done. */
    Stream<String> neverDone() {
        return operations.stream()
                .map(StormOperation::name)
                .filter(name -> done.get(name).sum() == 0);
    }
}
