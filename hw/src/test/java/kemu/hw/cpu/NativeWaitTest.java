package kemu.hw.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.locks.LockSupport;
import kemu.hw.machine.Machine;
import kemu.hw.order.Order;
import kemu.kernel.task.Machines;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A native CPU that waits for a word. */
class NativeWaitTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final long WAIT_NANOS = 500_000_000L;

    /** Alone on a processor, it would use all of it if it only spun and yielded. */
    @ParameterizedTest
    @ValueSource(ints = {2, 64})
    void shouldSleepWhereAWaitLasts(int cpus) {
        long[] used = new long[2];
        try (Machine machine = Machines.of("native", cpus, 1)) {
            long word = Machines.memory(machine, 64);
            Machines.runTasks(machine, 2, (cpu, id) -> {
                long start = System.nanoTime();
                if (id == 0) {
                    // Ends: the clock goes on.
                    while (System.nanoTime() - start < WAIT_NANOS) {
                        LockSupport.parkNanos(WAIT_NANOS);
                    }
                    cpu.storeRelease32(word, 1, Order.RELEASE);
                } else {
                    long before = THREADS.getCurrentThreadCpuTime();
                    assertEquals(1, cpu.condLoadEq32(word, -1, 1, Order.ACQUIRE));
                    used[0] = THREADS.getCurrentThreadCpuTime() - before;
                    used[1] = System.nanoTime() - start;
                }
            });
        }
        assertTrue(used[1] > 0 && used[0] < used[1] / 2, () -> used[0] + " of " + used[1] + " ns");
    }
}
