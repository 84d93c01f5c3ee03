package kemu.rcu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.KernelBug;
import kemu.hw.order.Barriers;
import kemu.kernel.task.Sched;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** B4: what was written before a pointer was published is seen through the pointer. */
class PublishTest {
    private static final int SEEDS = 200;
    private static final int OBJECTS = 40;
    private static final int OBJECT = 64;
    private static final int CONTENTS = 8;

    /** The first seed, counted from 1, in which a reader sees an object without contents; 0 if none. */
    private static int broken(String kind, String weakened) {
        for (int seed = 1; seed <= SEEDS; seed++) {
            try (RcuBench bench = RcuBench.small(kind, 2, seed)) {
                if (!weakened.isEmpty()) {
                    int id = Barriers.names().indexOf(weakened);
                    assertNotEquals(-1, id, weakened);
                    ((EmuMachine) bench.machine).weaken(id);
                }
                publishAndRead(bench);
            } catch (KernelBug bug) {
                assertEquals("TEST: no contents", bug.getMessage());
                return seed;
            }
        }
        return 0;
    }

    private static void publishAndRead(RcuBench bench) {
        long objects = bench.allocate(OBJECT * OBJECTS, "objects");
        long shared = bench.allocate(8, "shared");
        bench.task(0, "writer", cpu -> {
            for (int i = 0; i < OBJECTS; i++) {
                long object = objects + (long) OBJECT * i;
                cpu.write64(object + CONTENTS, 1);
                bench.rcu.assignPointer(cpu, shared, object);
            }
        });
        bench.task(1, "reader", cpu -> {
            long last = objects + (long) OBJECT * (OBJECTS - 1);
            long object = 0;
            while (object != last) {
                bench.rcu.readLock(cpu);
                object = bench.rcu.dereference(cpu, shared);
                RcuBench.check(object == 0 || cpu.read64(object + CONTENTS) == 1, "no contents");
                bench.rcu.readUnlock(cpu);
                Sched.of(bench.machine).condResched(cpu);
                if (object == 0) {
                    cpu.relax();
                }
            }
        });
        bench.run();
    }

    @ParameterizedTest
    @ValueSource(strings = {"emu", "tso", "weak"})
    void shouldSeeContentsThroughPublishedPointer(String kind) {
        assertEquals(0, broken(kind, ""), "seed that breaks");
    }

    @Test
    void shouldMissContentsWhenPublicationIsNoRelease() {
        assertNotEquals(0, broken("weak", "rcu.ASSIGN_POINTER:release"));
    }

    @Test
    void shouldMissContentsWhenAddressDependencyOrdersNothing() {
        assertNotEquals(0, broken("alpha", ""));
    }
}
