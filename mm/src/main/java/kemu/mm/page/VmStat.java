package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Machine;

/**
 * The values of /proc/vmstat. Most are per CPU and summed on reading; those that count pages on lists of the zone are
 * one word each, guarded by the list's lock, so that reclaim and the watermarks read them exactly and cheaply.
 *
 * <p>{@link VmStatItem} lists them. Source: Linux 2.6.36 mm/vmstat.c.
 */
public final class VmStat {
    /** The zone's words: the free count on a line of its own, since its lock is another one than the LRU's. */
    private static final int ZONE_BYTES = 128;

    private static final int ZONE_LRU = 64;

    private final Machine machine;
    private final int offset;
    private final int lateOffset;
    private final long zone;

    /** Boot only. */
    public VmStat(Machine machine) {
        this.machine = machine;
        offset = watched(machine.reservePerCpu(VmStatItem.EARLY * Long.BYTES), VmStatItem.EARLY);
        lateOffset = watched(machine.reservePerCpuLast(VmStatItem.LATE * Long.BYTES), VmStatItem.LATE);
        zone = machine.bootAllocator().allocate(machine.bootCpu(), ZONE_BYTES, 64, "vm_stat");
    }

    /** The {@code items} words at {@code at} of each area are read while they are written. */
    private int watched(int at, int items) {
        for (int i = 0; i < machine.cpus(); i++) {
            machine.memory().symbols().racy(machine.cpu(i).area() + at, items * (long) Long.BYTES);
        }
        return at;
    }

    /**
     * Adds to this CPU's share of {@code item}. Not for the items of the zone's lists and late ones. Unordered; safe in
     * interrupts, since nothing interrupts two plain accesses.
     */
    public void add(Cpu cpu, VmStatItem item, long delta) {
        long at = cpu.area() + offset + item.ordinal() * (long) Long.BYTES;
        // RACE: sum() reads other CPUs' shares; harmless because a sum is stale anyway.
        cpu.write64(at, cpu.read64(at) + delta);
    }

    /** Adds one to this CPU's share of {@code item}. */
    public void inc(Cpu cpu, VmStatItem item) {
        add(cpu, item, 1);
    }

    /** Adds one to this CPU's share of {@code item}, one of {@link VmStatItem.Kind#LATE}. As {@link #add}. */
    public void incLate(Cpu cpu, VmStatItem item) {
        addLate(cpu, item, 1);
    }

    /** Adds to this CPU's share of {@code item}, a late one. As {@link #add}. */
    public void addLate(Cpu cpu, VmStatItem item, long delta) {
        long at = late(cpu, item);
        // RACE: as in add.
        cpu.write64(at, cpu.read64(at) + delta);
    }

    private long late(Cpu cpu, VmStatItem item) {
        return cpu.area() + lateOffset + (item.ordinal() - VmStatItem.EARLY) * (long) Long.BYTES;
    }

    /** Adds to an item of the zone's lists. Context: zone->lock for NR_FREE_PAGES, zone->lru_lock for the LRU lists. */
    public void addZone(Cpu cpu, VmStatItem item, long delta) {
        long at = zoneWord(item);
        cpu.writeOnce64(at, cpu.read64(at) + delta);
    }

    /** An item of the zone's lists: exact under its lock, else a recent value. One untorn load. */
    public long zone(Cpu cpu, VmStatItem item) {
        return cpu.readOnce64(zoneWord(item));
    }

    private long zoneWord(VmStatItem item) {
        return item == VmStatItem.NR_FREE_PAGES ? zone : zone + ZONE_LRU + (item.ordinal() - 1) * (long) Long.BYTES;
    }

    /** The value of {@code item}, summed over all CPUs; racy while they run. */
    public long sum(Cpu cpu, VmStatItem item) {
        if (item.kind() == VmStatItem.Kind.ZONE) {
            return zone(cpu, item);
        }
        long total = 0;
        boolean isLate = item.kind().isLate();
        for (int i = 0; i < machine.cpus(); i++) {
            Cpu of = machine.cpu(i);
            total += cpu.readOnce64(isLate ? late(of, item) : of.area() + offset + item.ordinal() * (long) Long.BYTES);
        }
        return total;
    }
}
