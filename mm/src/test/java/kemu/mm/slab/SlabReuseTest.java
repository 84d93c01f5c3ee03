package kemu.mm.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.context.Task;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import org.junit.jupiter.api.Test;

class SlabReuseTest {
    private static final int KEPT = 32;

    /** What a test does in a task, with a cache made at boot. */
    private interface Body {
        void run(Kernel kernel, Cpu cpu, KmemCache cache);
    }

    private static void run(String reuse, Body body) {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(4L << 20, 1))) {
            Kernel kernel = new Kernel(machine, KernelConfig.of(0).withSlabReuse(reuse));
            KmemCache cache =
                    kernel.slabs().create(machine.bootCpu(), "thing", 64, 0, SlabAllocator.SLAB_DESTROY_BY_RCU, null);
            Sched.of(machine)
                    .spawn(
                            machine.bootCpu(),
                            cpu -> {
                                body.run(kernel, cpu, cache);
                                machine.halt();
                            },
                            0,
                            "test",
                            Task.PF_KTHREAD);
            machine.run();
        }
    }

    @Test
    void shouldReuseTheObjectFreedLastAtOnce() {
        run("fast", (kernel, cpu, cache) -> {
            long object = cache.alloc(cpu, Gfp.KERNEL);
            cache.free(cpu, object);
            assertEquals(object, cache.alloc(cpu, Gfp.KERNEL));
        });
    }

    @Test
    void shouldKeepObjectsBackInTheOrderOfTheirFrees() {
        run("delayed", (kernel, cpu, cache) -> {
            long[] objects = new long[KEPT + 1];
            for (int i = 0; i < objects.length; i++) {
                objects[i] = cache.alloc(cpu, Gfp.KERNEL);
            }
            for (int i = 0; i < KEPT; i++) {
                cache.free(cpu, objects[i]);
                long other = cache.alloc(cpu, Gfp.KERNEL);
                for (long kept : objects) {
                    assertNotEquals(kept, other, "reused too early");
                }
            }
            // One more than are kept: the first of all comes back, and no other.
            cache.free(cpu, objects[KEPT]);
            boolean back = false;
            for (int i = 0; i < 4 * KEPT; i++) {
                long other = cache.alloc(cpu, Gfp.KERNEL);
                back |= other == objects[0];
                for (int kept = 1; kept <= KEPT; kept++) {
                    assertNotEquals(objects[kept], other, "reused too early");
                }
            }
            assertTrue(back, "never reused");
        });
    }

    @Test
    void shouldReuseAnObjectOnlyAfterAGracePeriod() {
        run("object-rcu", (kernel, cpu, cache) -> {
            long object = cache.alloc(cpu, Gfp.KERNEL);
            cache.free(cpu, object);
            assertNotEquals(object, cache.alloc(cpu, Gfp.KERNEL));
            kernel.rcu().rcuBarrier(cpu);
            assertEquals(object, cache.alloc(cpu, Gfp.KERNEL));
        });
    }

    @Test
    void shouldGiveBackWhatWasKeptWhenTheCacheIsDestroyed() {
        for (String reuse : ReusePolicy.names()) {
            run(reuse, (kernel, cpu, cache) -> {
                long before = kernel.slabs().leakedObjects(cpu);
                for (int i = 0; i < 10; i++) {
                    cache.free(cpu, cache.alloc(cpu, Gfp.KERNEL));
                }
                kernel.slabs().destroy(cpu, cache);
                assertEquals(before, kernel.slabs().leakedObjects(cpu));
            });
        }
    }

    @Test
    void shouldMakeNoCacheWhileTheMachineRuns() {
        run("fast", (kernel, cpu, cache) -> {
            IllegalStateException refused = assertThrows(
                    IllegalStateException.class, () -> kernel.slabs().create(cpu, "late", 64, 0, 0, null));
            assertEquals("slab cache late: made while the machine runs", refused.getMessage());
        });
    }

    @Test
    void shouldSayWhichNamesAreAllowed() {
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> KernelConfig.of(0).withSlabReuse("slow"));
        assertTrue(refused.getMessage().contains("fast, delayed, object-rcu"), refused.getMessage());
    }
}
