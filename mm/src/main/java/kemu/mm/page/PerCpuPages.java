package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.SpinLock;

/**
 * {@code per_cpu_pages}: free single pages kept by each CPU, last in first out, so that a page is reused while it is
 * hot. Filled from and drained to the buddy system in batches, coldest first.
 *
 * <p>The list is a ring of page references: its top is the hot end. Only the own CPU touches it, with plain accesses;
 * the zone lock's interrupt disabling covers refill and drain.
 *
 * <p>Source: Linux 2.6.36 mm/page_alloc.c, buffered_rmqueue() and free_hot_cold_page(); a ring instead of a list.
 */
final class PerCpuPages {
    private static final int MAX_BATCH = 31;
    private static final int MAX_BATCH_BYTES = 512 * 1024;
    private static final int HIGH_BATCHES = 6;

    private static final StructLayout.Builder S = StructLayout.struct("per_cpu_pages");
    /** Pages in the ring. Own CPU; others read it racily. */
    private static final I32Field COUNT = S.i32("count");
    /** Slot of the coldest page. Own CPU. */
    private static final I32Field BOTTOM = S.i32("bottom");

    private static final StructLayout LAYOUT = S.build(8);

    private final Machine machine;
    private final Buddy buddy;
    private final long lock;
    private final long base;
    private final int stride;
    private final int mask;
    private final int batch;
    private final int high;

    PerCpuPages(Machine machine, Buddy buddy, @Ref(Zone.class) long zone, long base, long managedPages) {
        this.machine = machine;
        this.buddy = buddy;
        this.lock = Zone.LOCK.of(zone);
        this.base = base;
        batch = batchFor(managedPages);
        high = batch * HIGH_BATCHES;
        mask = slots(batch) - 1;
        stride = strideFor(managedPages);
        for (int i = 0; i < machine.cpus(); i++) {
            machine.memory().symbols().racy(COUNT.of(of(machine.cpu(i))), Integer.BYTES);
        }
    }

    /** zone_batchsize: about a thousandth of memory, at most 512 KiB, a quarter of that, not quite a power of two. */
    private static int batchFor(long managedPages) {
        long size = Math.min(managedPages / 1024, MAX_BATCH_BYTES >> PhysMem.PAGE_SHIFT) / 4;
        int rounded = Integer.highestOneBit((int) Math.max(2, size + size / 2)) - 1;
        return Math.min(MAX_BATCH, rounded);
    }

    private static int slots(int batch) {
        return Integer.highestOneBit(batch * (HIGH_BATCHES + 1)) << 1;
    }

    private static int strideFor(long managedPages) {
        return LAYOUT.sizeBytes() + slots(batchFor(managedPages)) * Long.BYTES + StructLayout.CACHE_LINE
                & -StructLayout.CACHE_LINE;
    }

    /** Bytes that the lists of {@code cpus} CPUs need on a machine of that many pages. */
    static long bytes(long managedPages, int cpus) {
        return (long) strideFor(managedPages) * cpus;
    }

    private long of(Cpu cpu) {
        return base + (long) stride * cpu.id();
    }

    private long slot(long list, int index) {
        return list + LAYOUT.sizeBytes() + (long) (index & mask) * Long.BYTES;
    }

    /** The hottest page, or one from a fresh batch; NULL if the zone has none. It carries PG_FREE. */
    @Ref(Page.class)
    long pop(Cpu cpu) {
        long list = of(cpu);
        int count = COUNT.get(cpu, list);
        if (count == 0) {
            return refillAndPop(cpu, list);
        }
        COUNT.set(cpu, list, count - 1);
        return cpu.read64(slot(list, BOTTOM.get(cpu, list) + count - 1));
    }

    /** rmqueue_bulk: the batch lies with its lowest address on top. */
    private long refillAndPop(Cpu cpu, long list) {
        SpinLock.lockIrq(cpu, lock);
        int top = BOTTOM.get(cpu, list) + COUNT.get(cpu, list) + batch;
        long first = buddy.take(cpu, 0);
        int taken = first == Cpu.NULL ? 0 : 1;
        // The list was empty when we looked; a preempting task may have filled it since, then one page is enough.
        if (taken == 1 && COUNT.get(cpu, list) == 0) {
            long page;
            while (taken < batch && (page = buddy.take(cpu, 0)) != Cpu.NULL) {
                cpu.write64(slot(list, top - taken), page);
                taken++;
            }
            BOTTOM.set(cpu, list, top - taken + 1 & mask);
            COUNT.set(cpu, list, taken - 1);
        }
        buddy.count(cpu, -taken);
        SpinLock.unlockIrq(cpu, lock);
        return first;
    }

    /** Adds a free page at the hot end; above the high mark a batch of the coldest goes back to the zone. */
    void push(Cpu cpu, @Ref(Page.class) long page) {
        long list = of(cpu);
        int count = COUNT.get(cpu, list);
        cpu.write64(slot(list, BOTTOM.get(cpu, list) + count), page);
        COUNT.set(cpu, list, count + 1);
        if (count + 1 >= high) {
            drain(cpu, list, batch);
        }
    }

    /** drain_local_pages: everything goes back to the zone. */
    void drainLocal(Cpu cpu) {
        drain(cpu, of(cpu), Integer.MAX_VALUE);
    }

    private void drain(Cpu cpu, long list, int most) {
        SpinLock.lockIrq(cpu, lock);
        int count = COUNT.get(cpu, list);
        int bottom = BOTTOM.get(cpu, list);
        int drained = Math.min(most, count);
        for (int i = 0; i < drained; i++) {
            buddy.give(cpu, cpu.read64(slot(list, bottom + i)), 0);
        }
        buddy.count(cpu, drained);
        BOTTOM.set(cpu, list, bottom + drained & mask);
        COUNT.set(cpu, list, count - drained);
        SpinLock.unlockIrq(cpu, lock);
    }

    /** Pages on the lists of all CPUs; racy while they run. */
    long count(Cpu cpu) {
        long total = 0;
        for (int i = 0; i < machine.cpus(); i++) {
            total += COUNT.readOnce(cpu, of(machine.cpu(i)));
        }
        return total;
    }

    /** Calls for every page on the lists of all CPUs, on a machine at rest. Reports only. */
    void forEach(Cpu cpu, java.util.function.LongConsumer each) {
        for (int i = 0; i < machine.cpus(); i++) {
            long list = of(machine.cpu(i));
            for (int at = 0; at < COUNT.get(cpu, list); at++) {
                each.accept(cpu.read64(slot(list, BOTTOM.get(cpu, list) + at)));
            }
        }
    }

    /** Most pages a CPU keeps. */
    int high() {
        return high;
    }
}
