package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.Machine;
import kemu.hw.order.Order;

/**
 * Fails allocations though memory is there. How many are still to fail stands in a word of emulated memory, which
 * whoever injects the failures counts up, and the allocations that fail count down. So in an exploration the moment
 * when a task counts it up is what decides which allocation fails: one more choice of the scheduler, covered, recorded
 * and replayed as all others are. Nothing orders these accesses with others, and none is made while the machine does
 * not run.
 *
 * <p>Source: the idea of Linux mm/failslab.c, should_failslab(), with a count instead of chance.
 */
public final class Failslab {
    private final long toFail;

    /** Failures counted in the word at {@code toFail}, which is zero. */
    public Failslab(@Ref(Failslab.class) long toFail) {
        this.toFail = toFail;
    }

    /** One more allocation is to fail. Context: any. */
    public void failOne(Cpu cpu) {
        cpu.fetchAdd32(toFail, 1, Order.RELAXED);
    }

    /** True if the allocation that asks fails. Context: any. */
    public boolean shouldFail(Cpu cpu) {
        if (!Machine.of(cpu).running()) {
            return false;
        }
        int left = cpu.readOnce32(toFail);
        // Ends: a failed exchange means another CPU's succeeded.
        while (left > 0) {
            int seen = cpu.cmpxchg32(toFail, left, left - 1, Order.RELAXED);
            if (seen == left) {
                return true;
            }
            left = seen;
        }
        return false;
    }
}
