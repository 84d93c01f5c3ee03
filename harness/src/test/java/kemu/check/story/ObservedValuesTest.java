package kemu.check.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import kemu.check.Check;
import kemu.check.OneVariant;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Order;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.slab.KmemCache;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a story tells of a value is what the program itself has got: random programs take down what they see. */
class ObservedValuesTest {
    private static final int SEEDS = 8;
    private static final int OPERATIONS = 24;
    private static final int WORDS = 3;

    /** Two CPUs that do random things to a few words, and write down what they get. */
    private static final class Chaos extends OneVariant {
        private final long seed;
        final List<List<String>> seen = List.of(new ArrayList<>(), new ArrayList<>());
        long words;

        Chaos(long seed) {
            super("chaos");
            this.seed = seed;
        }

        @Override
        public Consumer<Cpu> build(Kernel kernel, String variant) {
            Scene scene = new Scene(kernel);
            KmemCache cache = kernel.slabs().create(scene.cpu(0), "words", 8 * WORDS, 0, 0, null);
            words = cache.alloc(scene.cpu(0), Gfp.NOWAIT);
            for (int i = 0; i < WORDS; i++) {
                scene.cpu(0).write64(words + 8L * i, 0);
            }
            for (int id = 0; id < 2; id++) {
                int me = id;
                scene.task(id, "chaos" + id, cpu -> act(cpu, new SplittableRandom(2 * seed + me), seen.get(me)));
            }
            return cpu -> {
                throw new KernelBug("BUG: this is the end");
            };
        }

        private void act(Cpu cpu, SplittableRandom random, List<String> log) {
            log.clear();
            for (int i = 0; i < OPERATIONS; i++) {
                long at = words + 8L * random.nextInt(WORDS);
                long value = 1 + random.nextInt(3);
                switch (random.nextInt(8)) {
                    case 0, 1 -> log.add("read " + at + " " + cpu.readOnce64(at));
                    case 2 -> log.add("read " + at + " " + cpu.loadAcquire64(at, Order.ACQUIRE));
                    case 3 -> {
                        cpu.writeOnce64(at, value);
                        log.add("write " + at + " " + value);
                    }
                    case 4 -> {
                        cpu.storeRelease64(at, value, Order.RELEASE);
                        log.add("write " + at + " " + value);
                    }
                    case 5 -> {
                        long old = cpu.cmpxchg64(at, value, value + 10, Order.FULL);
                        log.add(
                                (old == value
                                        ? "rmw " + at + " " + old + " " + (value + 10)
                                        : "failed cmpxchg " + at + " " + old));
                    }
                    case 6 -> {
                        long old = cpu.fetchAdd64(at, value, Order.RELAXED);
                        log.add("rmw " + at + " " + old + " " + (old + value));
                    }
                    default -> log.add("read " + at + " " + cpu.read64(at));
                }
            }
        }
    }

    private static void tell(Chaos chaos, Access access, List<String> told) {
        if (access.address() < chaos.words || access.address() >= chaos.words + 8L * WORDS) {
            return;
        }
        switch (access.act()) {
            case READ, FAILED_CMPXCHG, WRITE -> told.add(access.what() + " " + access.address() + " " + access.after());
            case RMW -> told.add("rmw " + access.address() + " " + access.before() + " " + access.after());
            default -> assertTrue(access.act() == Act.DRAIN || access.act() == Act.INVALIDATION, access.what());
        }
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldTellWhatTheProgramHasSeen(MemoryModel model) {
        int old = 0;
        for (int seed = 1; seed <= SEEDS; seed++) {
            Chaos chaos = new Chaos(seed);
            try (Check check = new Check(Subject.of("chaos", "only", model), chaos)) {
                Result found = check.explore("random", seed, 1, () -> 1);
                Schedule schedule = check.schedule(found, seed);
                Story story = check.narrate(schedule, found);
                check.replay(schedule);
                for (int cpu = 0; cpu < 2; cpu++) {
                    List<String> told = new ArrayList<>();
                    for (Story.First first : story.first()) {
                        if (first.cpu() == cpu) {
                            tell(chaos, first.access(), told);
                        }
                    }
                    for (Step step : story.steps()) {
                        if (step.cpu() == cpu) {
                            tell(chaos, step.main(), told);
                            step.plain().forEach(access -> tell(chaos, access, told));
                            old += step.main().isOld() ? 1 : 0;
                        }
                    }
                    assertEquals(chaos.seen.get(cpu), told, "seed " + seed + ", CPU#" + cpu);
                }
            }
        }
        assertEquals(model.staleLoads(), old > 0, old + " loads of old values");
    }
}
