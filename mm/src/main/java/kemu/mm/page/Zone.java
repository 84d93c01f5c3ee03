package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.rcu.list.ListHead;

/**
 * {@code struct zone}: free blocks by order, and the LRU lists. One zone per machine. The number of free pages is
 * {@link VmStat#NR_FREE_PAGES}; it does not count pages on per-CPU lists.
 */
final class Zone {
    /** Orders 0 to 10: blocks of 4 KiB to 4 MiB. */
    static final int MAX_ORDER = 11;
    /** LRU lists, numbered as {@link Lru#INACTIVE_ANON} and so on. */
    static final int NR_LRU_LISTS = 5;

    private static final LockClass ZONE_LOCK = LockClass.of("zone->lock");
    private static final LockClass LRU_LOCK_CLASS = LockClass.of("zone->lru_lock");
    private static final int AREA_WORDS = 3;
    private static final int AREA_BYTES = AREA_WORDS * Long.BYTES;
    private static final int AREA_NR_FREE = 2 * Long.BYTES;

    private static final StructLayout.Builder S = StructLayout.struct("zone");
    /** Guards the free areas and the free count. Taken with interrupts disabled. */
    static final Embedded LOCK = S.embed("lock", SpinLock.LAYOUT);
    /** Per order: list head of free blocks, and their number. Guarded by {@link #LOCK}. */
    static final Embedded FREE_AREA = S.cacheLine().words("free_area", AREA_WORDS * MAX_ORDER);
    /** Guards the LRU lists, PG_LRU and the lists' counts. Taken with interrupts disabled. */
    static final Embedded LRU_LOCK = S.cacheLine().embed("lru_lock", SpinLock.LAYOUT);
    /** Heads of the LRU lists. Guarded by {@link #LRU_LOCK}. */
    static final Embedded LRU = S.words("lru", 2 * NR_LRU_LISTS);
    /** Mappings that hold their pages in memory. Atomics to change; read racily. */
    static final I64Field UNEVICTABLE_MAPPINGS = S.i64("unevictable_mappings");
    /** Size and members. */
    static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private Zone() {}

    /** Allocates and initialises the zone. Boot only. */
    static @Ref(Zone.class) long boot(Machine machine) {
        Cpu boot = machine.bootCpu();
        long zone = machine.bootAllocator().allocate(boot, LAYOUT.sizeBytes(), StructLayout.CACHE_LINE, "zone");
        machine.memory().symbols().racy(UNEVICTABLE_MAPPINGS.of(zone), Long.BYTES);
        SpinLock.init(boot, LOCK.of(zone), ZONE_LOCK);
        SpinLock.init(boot, LRU_LOCK.of(zone), LRU_LOCK_CLASS);
        for (int order = 0; order < MAX_ORDER; order++) {
            ListHead.init(boot, freeList(zone, order));
        }
        for (int list = 0; list < NR_LRU_LISTS; list++) {
            ListHead.init(boot, lruList(zone, list));
        }
        return zone;
    }

    static @Ref(ListHead.class) long freeList(long zone, int order) {
        return FREE_AREA.of(zone) + order * (long) AREA_BYTES;
    }

    /** Free blocks of {@code order}. Context: zone lock, or racy. */
    static long nrFree(Cpu cpu, long zone, int order) {
        return cpu.readOnce64(freeList(zone, order) + AREA_NR_FREE);
    }

    static void addNrFree(Cpu cpu, long zone, int order, long delta) {
        long at = freeList(zone, order) + AREA_NR_FREE;
        cpu.writeOnce64(at, cpu.read64(at) + delta);
    }

    static @Ref(ListHead.class) long lruList(long zone, int list) {
        return LRU.of(zone) + list * (long) ListHead.LAYOUT.sizeBytes();
    }
}
