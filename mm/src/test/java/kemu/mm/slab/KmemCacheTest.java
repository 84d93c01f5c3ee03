package kemu.mm.slab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;
import kemu.hw.mem.KernelBug;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.TestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KmemCacheTest {
    private static final long MIB = 1 << 20;

    @ParameterizedTest
    @ValueSource(ints = {8, 24, 64, 100, 184, 512, 1000, 2048, 4000, 9000})
    void shouldHandOutDistinctObjectsAndGiveAllSlabsBack(int size) {
        Kernel kernel = TestKernel.boot("native", 32 * MIB, 2, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            long free = kernel.pages().freePageCount(cpu);
            KmemCache cache = kernel.slabs().create(cpu, "test", size, 0, 0, null);
            int words = size / 8;
            List<Long> held = new ArrayList<>();
            SplittableRandom random = new SplittableRandom(size);
            for (int i = 0; i < 2000; i++) {
                if (random.nextInt(100) < 60) {
                    long object = cache.alloc(cpu, Gfp.KERNEL);
                    for (int w = 0; w < words; w++) {
                        cpu.write64(object + w * 8L, object + w);
                    }
                    held.add(object);
                } else if (!held.isEmpty()) {
                    release(cpu, cache, held.remove(random.nextInt(held.size())), words);
                }
                assertEquals(held.size(), cache.activeObjects(cpu));
            }
            for (long object : held) {
                release(cpu, cache, object, words);
            }
            kernel.slabs().destroy(cpu, cache);
            kernel.slabs().shrinkAll(cpu);
            assertEquals("", kernel.pages().audit().auditFree(cpu));
            assertTrue(kernel.pages().freePageCount(cpu) >= free);
        }
    }

    private static void release(Cpu cpu, KmemCache cache, long object, int words) {
        for (int w = 0; w < words; w++) {
            assertEquals(object + w, cpu.read64(object + w * 8L), "nobody else wrote it");
        }
        cache.free(cpu, object);
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldHandOutLastFreedObjectUntouchedWhenTypeStable(String kind) {
        Kernel kernel = TestKernel.boot(kind, 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            KmemCache cache = kernel.slabs().create(cpu, "stable", 64, 0, SlabAllocator.SLAB_DESTROY_BY_RCU, null);
            long a = cache.alloc(cpu, Gfp.KERNEL);
            long b = cache.alloc(cpu, Gfp.KERNEL);
            for (int i = 0; i < 8; i++) {
                cpu.write64(a + i * 8L, 1000 + i);
            }
            cache.free(cpu, b);
            cache.free(cpu, a);
            assertEquals(2, cache.lifeOf(cpu, a) + cache.lifeOf(cpu, b));
            assertEquals(a, cache.alloc(cpu, Gfp.KERNEL), "LIFO");
            assertEquals(b, cache.alloc(cpu, Gfp.KERNEL));
            for (int i = 0; i < 8; i++) {
                assertEquals(1000 + i, cpu.read64(a + i * 8L), "free touches nothing of the object");
            }
            assertEquals(2, cache.lifeOf(cpu, a));
            String name = machine.memory().symbols().nameOf(a + 0x18);
            assertEquals("stable 0x" + Long.toHexString(a) + "+0x18 (slab object, life 2)", name);
        }
    }

    @Test
    void shouldConstructOncePerSlab() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            int[] constructed = new int[1];
            KmemCache cache = kernel.slabs().create(cpu, "ctor", 48, 0, 0, (c, object) -> {
                constructed[0]++;
                c.write64(object + 40, 7);
            });
            for (int i = 0; i < 1000; i++) {
                long object = cache.alloc(cpu, Gfp.KERNEL);
                assertEquals(7, cpu.read64(object + 40));
                cache.free(cpu, object);
            }
            assertEquals(cache.objectsPerSlab(), constructed[0]);
        }
    }

    @Test
    void shouldReportDoubleFreeAndForeignPointers() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            KmemCache cache = kernel.slabs().create(cpu, "test", 40, 0, 0, null);
            KmemCache other = kernel.slabs().create(cpu, "other", 40, 0, 0, null);
            long object = cache.alloc(cpu, Gfp.KERNEL);
            long stranger = other.alloc(cpu, Gfp.KERNEL);
            cache.alloc(cpu, Gfp.KERNEL);
            cache.free(cpu, object);
            assertBug("BUG test: Object already free", () -> cache.free(cpu, object));
            assertBug("BUG test: Object is on no slab", () -> cache.free(cpu, stranger));
            assertBug("BUG test: Invalid object pointer", () -> cache.free(cpu, object + 8));
            kernel.slabs().shrink(cpu, cache);
            assertBug("BUG test: Object already free", () -> cache.free(cpu, object));
        }
    }

    private static void assertBug(String message, org.junit.jupiter.api.function.Executable body) {
        KernelBug bug = assertThrows(KernelBug.class, body);
        assertTrue(bug.getMessage().startsWith(message), bug.getMessage());
    }

    @Test
    void shouldReportLeakedObjectsWhenDestroyed() {
        Kernel kernel = TestKernel.boot("native", 8 * MIB, 1, 1);
        try (Machine machine = kernel.machine()) {
            Cpu cpu = machine.bootCpu();
            KmemCache cache = kernel.slabs().create(cpu, "leaky", 40, 0, 0, null);
            long before = kernel.slabs().leakedObjects(cpu);
            long object = cache.alloc(cpu, Gfp.KERNEL);
            cache.free(cpu, cache.alloc(cpu, Gfp.KERNEL));
            assertEquals(before + 1, kernel.slabs().leakedObjects(cpu));
            String leak = "leaky 0x" + Long.toHexString(object) + "+0x0 (slab object, life 1)";
            assertTrue(
                    kernel.slabs().describeLeaks(cpu).contains(leak),
                    kernel.slabs().describeLeaks(cpu));
            assertTrue(kernel.slabs().slabInfo(cpu).contains("leaky "), "listed");
            assertBug("BUG leaky: Objects remaining", () -> kernel.slabs().destroy(cpu, cache));
        }
    }

    @Test
    void shouldStaySoundWhenAllCpusFreeEachOthersObjectsNatively() {
        stress("native", 100_000, 1);
    }

    @Test
    void shouldStaySoundWhenAllCpusFreeEachOthersObjectsEmulated() {
        for (int seed = 0; seed < 300; seed++) {
            stress("emu", 150, seed);
        }
    }

    private static final int SLOTS = 128;

    /** Objects travel through a shared table: most are freed by another CPU than allocated them. */
    private static void stress(String kind, int rounds, long seed) {
        Kernel kernel = TestKernel.boot(kind, 8 * MIB, 4, seed);
        try (Machine machine = kernel.machine()) {
            Cpu boot = machine.bootCpu();
            int flags = seed % 2 == 0 ? SlabAllocator.SLAB_DESTROY_BY_RCU : 0;
            KmemCache cache = kernel.slabs().create(boot, "shared", 200, 0, flags, null);
            long table = kernel.pages().frameOf(kernel.pages().allocPages(boot, Gfp.NOWAIT | Gfp.ZERO, 0));
            TestKernel.runOnAll(kernel, (cpu, id) -> hammer(kernel, cpu, cache, table, rounds, seed * 64 + id));
            Set<Long> left = new HashSet<>();
            for (int i = 0; i < SLOTS; i++) {
                long object = boot.read64(table + i * 8L);
                if (object != 0) {
                    assertTrue(left.add(object), "handed out twice");
                }
            }
            assertEquals(left.size(), cache.activeObjects(boot), "seed " + seed);
            left.forEach(object -> cache.free(boot, object));
            assertEquals(0, cache.activeObjects(boot));
            kernel.slabs().shrink(boot, cache);
            assertEquals(0, cache.slabPages(boot), "seed " + seed);
            assertEquals("", kernel.pages().audit().auditFree(boot), "seed " + seed);
        }
    }

    private static void hammer(Kernel kernel, Cpu cpu, KmemCache cache, long table, int rounds, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < rounds; i++) {
            long object = random.nextInt(3) == 0 ? 0 : cache.alloc(cpu, Gfp.NOWAIT);
            if (object != 0) {
                cpu.write64(object + 64, object);
            }
            long old = cpu.xchg64(table + random.nextInt(SLOTS) * 8L, object, 0);
            if (old != 0) {
                assertEquals(old, cpu.read64(old + 64), "nobody else wrote it");
                cache.free(cpu, old);
            }
            if (random.nextInt(60) == 0) {
                kernel.slabs().shrink(cpu, cache);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKeepSlabPageButReuseObjectsWithinGracePeriod(String kind) {
        int seeds = kind.equals("emu") ? 100 : 5;
        for (int seed = 0; seed < seeds; seed++) {
            Kernel kernel = TestKernel.boot(kind, 8 * MIB, 2, seed);
            try (Machine machine = kernel.machine()) {
                KmemCache cache =
                        kernel.slabs().create(machine.bootCpu(), "rcu", 64, 0, SlabAllocator.SLAB_DESTROY_BY_RCU, null);
                TestKernel.runOnAll(kernel, (cpu, id) -> {
                    if (id == 0) {
                        useWithinReader(kernel, cpu, cache);
                    }
                });
                kernel.slabs().slabInfo(machine.bootCpu());
            }
        }
    }

    private static void useWithinReader(Kernel kernel, Cpu cpu, KmemCache cache) {
        long object = cache.alloc(cpu, Gfp.KERNEL);
        cpu.write64(object + 8, 4711);
        kernel.rcu().readLock(cpu);
        cache.free(cpu, object);
        assertEquals(object, cache.alloc(cpu, Gfp.NOWAIT), "reused at once");
        cache.free(cpu, object);
        long free = kernel.pages().freePageCount(cpu);
        kernel.slabs().shrink(cpu, cache);
        assertEquals(0, cache.slabPages(cpu), "the slab has left the cache");
        assertEquals(free, kernel.pages().freePageCount(cpu), "but its frame is not free");
        for (int i = 0; i < 50; i++) {
            Sched.of(kernel.machine()).crossCalls();
            cpu.relax();
        }
        assertEquals(4711, cpu.readOnce64(object + 8), "type and contents are stable for the reader");
        assertNotEquals(0, kernel.slabs().caches().length);
        kernel.rcu().readUnlock(cpu);
        kernel.slabs().destroy(cpu, cache);
        assertEquals(free + 1, kernel.pages().freePageCount(cpu), "destroy waited for the callback");
    }
}
