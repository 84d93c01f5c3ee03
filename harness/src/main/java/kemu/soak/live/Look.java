package kemu.soak.live;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.NativeMachine;
import kemu.kernel.task.WrongUnlocks;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.mm.slab.KmemCache;
import kemu.workload.Counts;

/**
 * The kernel of a run at one moment; the CPUs go on meanwhile, so that the numbers need not agree.
 *
 * @param elapsedMillis since the run began
 * @param processes that have ended
 * @param usedPages frames in use
 * @param freePages frames that are free
 * @param swapPages entries of the swap area in use
 * @param graceAgeMillis age of the running grace period, which is the oldest; 0 if none is running
 * @param gracePeriods completed
 * @param callbacks of RCU that wait for the end of a grace period
 * @param stalls of RCU, reported so far
 * @param wrongUnlocks spinlocks released by a CPU that had not taken them
 * @param vmstat every counter
 * @param objects in use, by slab cache
 * @param slabPages of all caches
 */
public record Look(
        long elapsedMillis,
        long processes,
        long usedPages,
        long freePages,
        long swapPages,
        long graceAgeMillis,
        long gracePeriods,
        long callbacks,
        long stalls,
        long wrongUnlocks,
        Map<VmStatItem, Long> vmstat,
        Map<String, Long> objects,
        long slabPages) {
    private static final long MILLIS = 1_000;

    /** Looks at {@code kernel} now. Any thread, while its memory is there. */
    public static Look at(Kernel kernel, Counts counts, long elapsedMillis) {
        Cpu cpu = kernel.machine().bootCpu();
        Map<VmStatItem, Long> vmstat = new EnumMap<>(VmStatItem.class);
        for (VmStatItem item : VmStatItem.values()) {
            vmstat.put(item, kernel.vmStat().sum(cpu, item));
        }
        Map<String, Long> objects = new LinkedHashMap<>();
        long slabPages = 0;
        for (KmemCache cache : kernel.slabs().caches()) {
            objects.put(cache.name(), cache.activeObjects(cpu));
            slabPages += cache.slabPages(cpu);
        }
        long free = kernel.pages().freePageCount(cpu);
        return new Look(
                elapsedMillis,
                counts.processes.sum(),
                kernel.pages().totalPages() - free,
                free,
                kernel.swap().usedEntries(cpu),
                kernel.rcu().gracePeriodAge(cpu) * MILLIS / MachineConfig.HZ,
                kernel.rcu().gracePeriods(cpu),
                Math.max(0, kernel.rcu().callbacksQueued(cpu) - kernel.rcu().callbacksInvoked(cpu)),
                kernel.rcu().stalls(cpu),
                WrongUnlocks.of((NativeMachine) kernel.machine()).count(),
                vmstat,
                objects,
                slabPages);
    }

    /** The counter {@code item}. */
    public long count(VmStatItem item) {
        return vmstat.get(item);
    }
}
