package kemu.hw.cache;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.hw.order.Order;
import kemu.kernel.task.KernelCore;
import kemu.kernel.task.Machines;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LineDirectoryTest {
    private final LineDirectory directory = new LineDirectory(3, 1 << 20);

    private void expect(int cpu, CacheEvent event, long count) {
        assertEquals(count, directory.cache(cpu).count(event), event + " of CPU#" + cpu);
    }

    @Test
    void shouldFollowALineThroughItsStates() {
        directory.cache(0).load(4096);
        expect(0, CacheEvent.MISS_MEMORY, 1);
        directory.cache(0).store(4096 + 60);
        expect(0, CacheEvent.HIT, 1);
        directory.cache(1).load(4096 + 8);
        expect(1, CacheEvent.TRANSFER, 1);
        expect(0, CacheEvent.WRITTEN_BACK, 1);
        directory.cache(2).load(4096);
        expect(2, CacheEvent.MISS_CLEAN, 1);
        directory.cache(1).store(4096);
        expect(1, CacheEvent.UPGRADE, 1);
        expect(0, CacheEvent.INVALIDATED, 1);
        expect(2, CacheEvent.INVALIDATED, 1);
        directory.cache(0).store(4096);
        expect(0, CacheEvent.TRANSFER, 1);
        expect(1, CacheEvent.INVALIDATED, 1);
    }

    @Test
    void shouldEvictLeastRecentlyUsedLineOfASet() {
        int stride = CpuCache.SETS * 64;
        for (int i = 1; i <= CpuCache.WAYS; i++) {
            directory.cache(0).store((long) i * stride);
        }
        directory.cache(0).load(stride);
        directory.cache(0).load((CpuCache.WAYS + 1L) * stride);
        expect(0, CacheEvent.EVICTED, 1);
        expect(0, CacheEvent.WRITTEN_BACK, 1);
        directory.cache(0).load(stride);
        expect(0, CacheEvent.HIT, 2);
        directory.cache(0).load(2L * stride);
        expect(0, CacheEvent.MISS_MEMORY, CpuCache.WAYS + 2L);
    }

    @Test
    void shouldHaveOneHolderWhenALineIsModified() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 200_000; i++) {
            CpuCache cache = directory.cache(random.nextInt(3));
            long address = 4096 + 8L * random.nextInt(1 << 14);
            if (random.nextBoolean()) {
                cache.load(address);
            } else {
                cache.store(address);
            }
            long line = LineDirectory.lineOf(address);
            int owners = 0;
            int readers = 0;
            for (int cpu = 0; cpu < 3; cpu++) {
                byte state = directory.cache(cpu).state(line);
                owners += state > CpuCache.SHARED ? 1 : 0;
                readers += state == CpuCache.SHARED ? 1 : 0;
                assertEquals(state != 0, (directory.holders(line) & 1L << cpu) != 0);
            }
            assertTrue(owners == 0 || owners == 1 && readers == 0, owners + " owners, " + readers + " readers");
        }
    }

    @ParameterizedTest
    @MethodSource("kemu.hw.cache.MemoryModel#builtIn")
    void shouldNameTheWordThatBounces(MemoryModel model) {
        try (EmuMachine machine =
                KernelCore.bootEmulated(MachineConfig.of(8 << 20, 3).withModel(model))) {
            long page = Machines.memory(machine, 4096);
            LineDirectory counted = machine.countCaches();
            Machines.runTasks(machine, 3, (cpu, i) -> {
                for (int n = 0; n < 500; n++) {
                    cpu.fetchAdd64(page + 128, 1, Order.FULL);
                    cpu.writeOnce64(page + 512 + 64L * i, n);
                }
            });
            assertEquals(1500, machine.bootCpu().read64(page + 128));
            List<LineDirectory.HotWord> hot = counted.hottest(1);
            assertEquals(page + 128, hot.get(0).address());
            assertTrue(hot.get(0).bounces() > 50, () -> "bounces: " + hot.get(0).bounces());
            assertTrue(counted.cache(1).count(CacheEvent.TRANSFER) > 10);
        }
    }
}
