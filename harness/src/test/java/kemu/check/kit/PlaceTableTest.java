package kemu.check.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.Check;
import kemu.check.Judgement;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.explore.Result;
import kemu.mm.Kernel;
import kemu.mm.slab.SlabAllocator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What authors of scenarios build from does what it says, and tells who misuses it. */
class PlaceTableTest {
    private static final PlaceTable.Layout TABLE = new PlaceTable.Layout("test_table", 2);
    private static final ObjectType ITEM = ObjectType.named("test_item").build();

    /** Two tasks empty one place, and drop what they have got. */
    private static final class Takers implements OwnVariants {
        @Override
        public String name() {
            return "test-takers";
        }

        @Override
        public String description() {
            return "two tasks take one object";
        }

        @Override
        public List<String> variants() {
            return List.of("take", "unpublish", "keep");
        }

        @Override
        public Consumer<Cpu> build(Kernel kernel, String variant) {
            Scene scene = new Scene(kernel);
            Cpu boot = scene.cpu(1);
            ObjectCache items = ITEM.cache(kernel, boot, SlabAllocator.SLAB_DESTROY_BY_RCU);
            PlaceTable table = new PlaceTable(TABLE, kernel, boot);
            table.publish(boot, items.create(boot, 1), 1);
            for (int on = 0; on < 2; on++) {
                scene.task(on, "taker", cpu -> {
                    long item = variant.equals("unpublish") ? table.unpublish(cpu, 1) : table.take(cpu, 1);
                    if (item != Cpu.NULL && !variant.equals("keep")) {
                        items.act(cpu, item, 1);
                        items.put(cpu, item);
                    }
                });
            }
            return cpu -> items.checkCount(cpu, 0);
        }
    }

    @ParameterizedTest
    @CsvSource({"take, SC", "take, TSO", "unpublish, SC", "keep, SC"})
    void shouldGiveAnObjectToOneTakerAndMissWhatIsKept(String variant, MemoryModel model) {
        Subject subject = Subject.of("test-takers", variant, model);
        try (Check check = new Check(subject, new Takers())) {
            Result result = check.explore("exhaustive", 1, 50_000, () -> 1);
            String found = result.verdict() == Result.Verdict.FAIL
                    ? result.verdict() + " " + Judgement.of(subject, result).kind()
                    : String.valueOf(result.verdict());
            String expected = switch (variant) {
                case "take" -> "PASS";
                case "unpublish" -> "FAIL wrong-object";
                default -> "FAIL leak";
            };
            assertEquals(expected, found, () -> String.valueOf(result.failure()));
        }
    }
}
