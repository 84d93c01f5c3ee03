package kemu.soak;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.page.VmStatItem;
import kemu.mm.slab.KmemCache;

/**
 * The leak oracle: what the kernel held before the first process, and what it still holds after the last. Objects of
 * every slab cache, frames, page tables and swap entries must be back where they were; slab pages that a cache keeps
 * for reuse are not leaked.
 */
final class LeakCheck {
    private static final int ACCOUNTING_ROUNDS = 5;

    private final Kernel kernel;
    private final long[] objectsBefore;
    private final long framesBefore;
    private final BitSet pagesBefore;
    private final long slabPagesBefore;
    private final Map<VmStatItem, Long> stocksBefore = new EnumMap<>(VmStatItem.class);
    private final List<String> findings = new ArrayList<>();
    private long leakedObjects;
    private long leakedPages;

    /** Remembers what is held now. Context: a task, no process running. */
    LeakCheck(Kernel kernel, Cpu cpu) {
        this.kernel = kernel;
        kernel.compaction().hold(cpu);
        settle(cpu);
        KmemCache[] caches = kernel.slabs().caches();
        objectsBefore = new long[caches.length];
        for (int i = 0; i < caches.length; i++) {
            objectsBefore[i] = caches[i].activeObjects(cpu);
        }
        pagesBefore = kernel.pages().audit().held(cpu);
        framesBefore = kernel.pages().freePageCount(cpu);
        slabPagesBefore = slabPages(cpu);
        for (VmStatItem item : VmStatItem.values()) {
            if (item.kind().isStock()) {
                stocksBefore.put(item, kernel.vmStat().sum(cpu, item));
            }
        }
        kernel.compaction().release(cpu);
    }

    private void settle(Cpu cpu) {
        // What reclaim has in hand would count as lost; if it does not come to rest, the counts will tell.
        kernel.vmscan().settle(cpu);
        if (kernel.khugepaged() != null) {
            kernel.khugepaged().settle(cpu);
        }
        settleKsm(cpu);
        kernel.lru().drainAll(cpu);
        kernel.files().dropCaches(cpu);
        // Also what it keeps of merged pages that only the swap cache had.
        settleKsm(cpu);
        kernel.rcu().rcuBarrier(cpu);
        kernel.lru().drainAll(cpu);
        kernel.rcu().rcuBarrier(cpu);
    }

    private void settleKsm(Cpu cpu) {
        if (kernel.ksm() != null) {
            kernel.ksm().settle(cpu);
        }
    }

    private long slabPages(Cpu cpu) {
        long pages = 0;
        for (KmemCache cache : kernel.slabs().caches()) {
            pages += cache.slabPages(cpu);
        }
        return pages;
    }

    /** Compares with now. Context: a task, all processes gone. */
    void check(Cpu cpu) {
        kernel.compaction().hold(cpu);
        settle(cpu);
        KmemCache[] caches = kernel.slabs().caches();
        for (int i = 0; i < caches.length; i++) {
            long extra = caches[i].activeObjects(cpu) - (i < objectsBefore.length ? objectsBefore[i] : 0);
            if (extra != 0) {
                leakedObjects += Math.abs(extra);
                findings.add(caches[i].name() + ": " + extra + " objects more than before the first process");
            }
        }
        long frames = framesBefore - kernel.pages().freePageCount(cpu) - (slabPages(cpu) - slabPagesBefore);
        if (frames != 0) {
            leakedPages += Math.abs(frames);
            findings.add("frames: " + frames + " more in use than before the first process");
            addLines(kernel.pages().audit().describeLeaks(cpu, pagesBefore));
        }
        leakedPages += addLines(accounting(cpu));
        expectZero("swap entries in use", kernel.swap().usedEntries(cpu));
        leakedPages += addLines(stocks(cpu));
        long live = kernel.processes().live(cpu);
        if (live != 0) {
            leakedObjects += live;
            findings.add("processes: " + live + " still exist");
        }
        kernel.compaction().release(cpu);
    }

    /** What is wrong with free lists and LRU lists. Looked at again if something is: a CPU may not be at rest yet. */
    private String accounting(Cpu cpu) {
        String wrong = "";
        for (int round = 0; round < ACCOUNTING_ROUNDS; round++) {
            wrong = kernel.pages().audit().auditFree(cpu) + kernel.lru().audit(cpu);
            if (wrong.isEmpty()) {
                return wrong;
            }
            Sched.of(kernel.machine()).sleep(cpu, 1);
        }
        return wrong;
    }

    /** Counters that are not what they were. Looked at again, as above: the last reclaim may not be over yet. */
    private String stocks(Cpu cpu) {
        String wrong = "";
        for (int round = 0; round < ACCOUNTING_ROUNDS; round++) {
            StringBuilder lines = new StringBuilder();
            stocksBefore.forEach((item, before) -> {
                long extra = kernel.vmStat().sum(cpu, item) - before;
                if (extra != 0) {
                    lines.append(item.key() + ": " + extra + " more than before the first process\n");
                }
            });
            wrong = lines.toString();
            if (wrong.isEmpty()) {
                return wrong;
            }
            Sched.of(kernel.machine()).sleep(cpu, 1);
        }
        return wrong;
    }

    private long addLines(String lines) {
        lines.lines().forEach(findings::add);
        return lines.lines().count();
    }

    private void expectZero(String what, long value) {
        if (value != 0) {
            leakedPages += Math.abs(value);
            findings.add(what + ": " + value);
        }
    }

    long leakedObjects() {
        return leakedObjects;
    }

    long leakedPages() {
        return leakedPages;
    }

    List<String> findings() {
        return findings;
    }
}
