package kemu.check.story;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.check.Check;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Outcome;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.machine.Area;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A story is consistent: a memory that does nothing but what is told gives every load the value that is told, and holds
 * in the end what the machine holds.
 */
class ToldMemoryTest {
    private record Store(long address, int width, long value) {}

    /** Words of 32 bits, as all see them; and what each CPU has stored and the others do not see. */
    private static final class Memory {
        final Check check;
        final MemoryModel model;
        final Map<Long, Integer> words = new HashMap<>();
        final Map<Long, Set<Integer>> had = new HashMap<>();
        final List<List<Store>> buffered = new ArrayList<>();
        int loads;

        Memory(Check check) {
            this.check = check;
            model = check.subject().model();
            for (int i = 0; i < check.machine().cpus(); i++) {
                buffered.add(new ArrayList<>());
            }
        }

        int word(long address) {
            return words.computeIfAbsent(address, at -> {
                int begin = (int) (check.machine().memoryWord(at & -8L) >> (at & 4) * 8);
                had.computeIfAbsent(at, key -> new HashSet<>()).add(begin);
                return begin;
            });
        }

        long load(long address, int width) {
            return width == 4 ? word(address) : (long) word(address + 4) << 32 | word(address) & 0xffff_ffffL;
        }

        void store(long address, int width, long value) {
            for (int i = 0; i < width; i += 4) {
                word(address + i);
                words.put(address + i, (int) (value >> 8 * i));
                had.get(address + i).add((int) (value >> 8 * i));
            }
        }

        /** As the CPU sees it, its own stores before all others. */
        long seen(int cpu, long address, int width) {
            long value = load(address, width);
            for (Store store : buffered.get(cpu)) {
                for (int i = 0; i < width; i += 4) {
                    long at = address + i;
                    if (at >= store.address && at < store.address + store.width) {
                        long half = store.value >> 8 * (at - store.address) & 0xffff_ffffL;
                        value = width == 4 ? (int) half : value & ~(0xffff_ffffL << 8 * i) | half << 8 * i;
                    }
                }
            }
            return value;
        }

        boolean direct(int cpu, long address) {
            long area = check.machine().cpu(cpu).area();
            return model == MemoryModel.SC || address >= area && address < area + Area.CURRENT.offset();
        }

        /** {@code left} is what the CPU has buffered after it, null if not known. */
        void follow(int cpu, Access access, List<Step.Waiting> left, String where) {
            long at = access.address();
            int width = access.width();
            if (access.act() == Act.CLEARED) {
                for (int i = 0; i < 4096; i += 4) {
                    store(at + i, 4, 0);
                }
            } else if (access.act() == Act.COPIED) {
                for (int i = 0; i < 4096; i += 4) {
                    store(at + i, 4, load(access.before() + i, 4));
                }
            } else if (at != 0 && width != 0 && !access.act().isAbout()) {
                word(cpu, access, left, where);
            }
        }

        private void word(int cpu, Access access, List<Step.Waiting> left, String where) {
            long at = access.address();
            int width = access.width();
            switch (access.act()) {
                case READ, WAIT, FAILED_CMPXCHG -> {
                    loads++;
                    assertEquals(seen(cpu, at, width), access.memory(), where);
                    if (access.isOld()) {
                        assertTrue(model.staleLoads(), where);
                        for (int i = 0; i < width; i += 4) {
                            assertTrue(had.get(at + i).contains((int) (access.after() >> 8 * i)), where);
                        }
                    }
                }
                case WRITE -> {
                    assertEquals(seen(cpu, at, width), access.before(), where);
                    if (direct(cpu, at)) {
                        store(at, width, access.after());
                    } else {
                        buffered.get(cpu).add(new Store(at, width, access.after()));
                    }
                }
                case RMW -> {
                    assertEquals(load(at, width), access.before(), where);
                    store(at, width, access.after());
                }
                case DRAIN -> drain(cpu, access, left, where);
                default -> assertEquals(Act.INVALIDATION, access.act(), where);
            }
        }

        /** The oldest store to the word becomes visible, on models that merge them with younger ones. */
        private void drain(int cpu, Access access, List<Step.Waiting> left, String where) {
            long at = access.address();
            int width = access.width();
            assertEquals(load(at, width), access.before(), where);
            List<Store> mine = buffered.get(cpu);
            long value = access.before();
            List<Store> merged = new ArrayList<>();
            boolean all = left != null && left.stream().noneMatch(entry -> entry.address() == access.address());
            for (Store store : mine) {
                if (store.address >= at && store.address + store.width <= at + width) {
                    value = over(value, at, width, store);
                    merged.add(store);
                    if (value == access.after() && !all || !model.reordersStores()) {
                        break;
                    }
                }
            }
            assertEquals(value, access.after(), where);
            assertTrue(!merged.isEmpty(), where + ": nothing was stored there");
            assertTrue(model.reordersStores() || mine.get(0) == merged.get(0), where + ": an older store is left");
            mine.removeIf(store -> merged.stream().anyMatch(one -> one == store));
            store(at, width, access.after());
        }

        private static long over(long value, long address, int width, Store store) {
            if (store.width == width) {
                return store.value;
            }
            long shift = 8 * (store.address - address);
            return value & ~(0xffff_ffffL << shift) | (store.value & 0xffff_ffffL) << shift;
        }
    }

    @ParameterizedTest
    @CsvSource({
        "rmap-hang-child, root-reread, SC",
        "rmap-hang-child, root-reread, TSO",
        "rmap-hang-child, root-reread, WEAK",
        "rmap-hang-root, root-reread, ALPHA",
        "slab-same-life, pin-only, SC",
        "slab-same-life, pin-only, TSO",
        "slab-same-life, pin-only, WEAK",
        "slab-same-life, pin-only, ALPHA",
        "slab-verify-first, verify-then-pin, WEAK",
        "slab-zalloc, zero-on-alloc, TSO",
        "rmap-no-mapped-test, no-mapped-test, SC",
        "rmap-double-reuse, degree, TSO"
    })
    void shouldGiveEveryLoadWhatIsTold(String scenario, String variant, MemoryModel model) {
        for (int seed = 1; seed <= 2; seed++) {
            try (Check check = new Check(Subject.of(scenario, variant, model))) {
                Result found = check.explore("random", seed, 100_000, () -> 1);
                assertEquals(Result.Verdict.FAIL, found.verdict(), scenario);
                Schedule schedule = check.schedule(found, seed);
                Story story = check.narrate(schedule, found);
                Memory memory = new Memory(check);
                for (Story.First first : story.first()) {
                    memory.follow(first.cpu(), first.access(), List.of(), "before the first step");
                }
                for (Step step : story.steps()) {
                    String where = "seed " + seed + ", step " + step.number() + " of CPU#" + step.cpu() + ": ";
                    memory.follow(step.cpu(), step.main(), step.waiting(), where + step.main());
                    step.plain().forEach(access -> memory.follow(step.cpu(), access, null, where + access));
                }
                assertTrue(memory.loads > 10, "loads: " + memory.loads);
                if (story.outcome() == Outcome.FAILED) {
                    check.replay(
                            schedule,
                            () -> memory.words.forEach((at, value) -> assertEquals(
                                    (int) (check.machine().memoryWord(at & -8L) >> (at & 4) * 8),
                                    value,
                                    () -> "in the end, 0x" + Long.toHexString(at))));
                }
            }
        }
    }
}
