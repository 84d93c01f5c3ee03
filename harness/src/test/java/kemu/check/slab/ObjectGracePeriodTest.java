package kemu.check.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.Check;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result;
import kemu.mm.Kernel;
import kemu.mm.slab.SlabAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Objects that are freed by RCU, one by one, and are not type-stable: their readers are right, all others are not. */
class ObjectGracePeriodTest {
    /** A lookup against the removal of what it finds, which may be handed out again after a grace period. */
    private record Lookup() implements SlabScenario {
        @Override
        public String name() {
            return "test-object-rcu";
        }

        @Override
        public String description() {
            return "a lookup against removal, a grace period and reuse";
        }

        @Override
        public List<String> variants() {
            return List.of("in-reader", "outside", "keeps-the-pointer");
        }

        @Override
        public Consumer<Cpu> build(Kernel kernel, String variant) {
            Scene scene = new Scene(kernel);
            ConnTable conns = new ConnTable(kernel, scene.cpu(1), SlabAllocator.SLAB_OBJECT_RCU);
            conns.add(scene.cpu(1), ConnTable.A);
            boolean reader = !variant.equals("outside");
            scene.task(0, "lookup", cpu -> {
                if (reader) {
                    kernel.rcu().readLock(cpu);
                }
                long conn = reader ? conns.find(cpu, ConnTable.A) : conns.findUnprotected(cpu, ConnTable.A);
                if (variant.equals("outside")) {
                    scene.tick(cpu);
                } else if (variant.equals("keeps-the-pointer")) {
                    kernel.rcu().readUnlock(cpu);
                    scene.quiescent(cpu);
                    kernel.rcu().readLock(cpu);
                }
                if (conn != Cpu.NULL) {
                    conns.checkType(cpu, conn);
                }
                if (reader) {
                    kernel.rcu().readUnlock(cpu);
                }
            });
            scene.task(1, "remove", cpu -> {
                conns.remove(cpu, ConnTable.A);
                scene.callbacks(cpu);
            });
            scene.gracePeriods(1);
            return cpu -> {};
        }
    }

    private static Result explore(String variant, MemoryModel model) {
        Subject subject = Subject.of("test-object-rcu", variant, model);
        try (Check check = new Check(subject, new Lookup())) {
            return check.explore("exhaustive", 1, 50_000, () -> 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO"})
    void shouldLetAReaderUseWhatIsFreedMeanwhile(MemoryModel model) {
        Result result = explore("in-reader", model);
        assertEquals(Result.Verdict.PASS, result.verdict(), String.valueOf(result.failure()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"SC", "TSO"})
    void shouldConvictWhoIsNoReaderAndWhoReadsLater(MemoryModel model) {
        for (String variant : List.of("outside", "keeps-the-pointer")) {
            Result result = explore(variant, model);
            assertEquals(Result.Verdict.FAIL, result.verdict(), variant);
            // Seen as it happens, or as two accesses that nothing orders: the free is the one.
            String message = result.failure().getMessage();
            assertTrue(
                    message.startsWith("BUG: KASAN: slab-use-after-free in Object")
                            || message.startsWith("BUG: KCSAN: data-race in ") && message.contains("graceOver"),
                    message);
        }
    }
}
