package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.PageAllocator;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.swap.Swap;
import kemu.rcu.list.HList;
import kemu.rcu.list.ListHead;

/**
 * Files by the host's key, each with its page cache. A file without users stays with its pages until reclaim or
 * {@link #dropCaches} takes it; one that was written to stays until {@code dropCaches}, since its blocks are its
 * contents.
 *
 * <p>Source: Linux 2.6.36 fs/inode.c, iget_locked(), iput(), prune_icache(), reduced to what mm needs.
 */
public final class Files {
    /** The size of a file that has no end, and so cannot be truncated. */
    public static final long NO_END = Long.MAX_VALUE;

    private static final LockClass INODE_LOCK = LockClass.of("inode_lock");
    /** Memory from which on the hash gets eight pages instead of one. */
    private static final long BIG_MEMORY_PAGES = 16_384;
    /** Files that one call of {@link #prune} looks at. */
    private static final int PRUNE_BATCH = 32;

    private final Sched sched;
    private final Lru lru;
    private final Swap swap;
    private final PageCache pageCache;
    private final KmemCache cache;
    private final long table;
    private final int buckets;

    /**
     * The inode cache and the hash of files: memory that boot takes before that of the page cache, on which files
     * build.
     *
     * @param cache of address_spaces
     * @param table address of the {@link FileTable}, buckets behind it
     * @param buckets of the hash
     */
    public record Memory(KmemCache cache, long table, int buckets) {
        /** Takes the memory. Boot only. */
        public static Memory reserve(Cpu boot, SlabAllocator slabs, PageAllocator pages) {
            KmemCache cache = slabs.create(boot, "inode_cache", AddressSpace.LAYOUT.sizeBytes(), 64, 0, null);
            int order = pages.totalPages() >= BIG_MEMORY_PAGES ? 3 : 0;
            long table = pages.frameOf(pages.allocPages(boot, Gfp.NOWAIT, order));
            int bytes = PhysMem.PAGE_SIZE << order;
            for (long at = 0; at < bytes; at += PhysMem.PAGE_SIZE) {
                boot.clearFrame(table + at);
            }
            SpinLock.init(boot, FileTable.LOCK.of(table), INODE_LOCK);
            ListHead.init(boot, FileTable.ALL.of(table));
            return new Memory(cache, table, (bytes - FileTable.LAYOUT.sizeBytes()) / Long.BYTES);
        }
    }

    /** Pages at most that may be dirty in shared mappings of files, or have been: each takes a block of the disk. */
    public static final int DISK_BLOCKS = Disk.MAX_BLOCKS;

    /** The files in {@code memory}. Boot only. */
    public Files(Memory memory, Sched sched, Lru lru, Swap swap, PageCache pageCache) {
        this.sched = sched;
        this.lru = lru;
        this.swap = swap;
        this.pageCache = pageCache;
        cache = memory.cache();
        table = memory.table();
        buckets = memory.buckets();
    }

    /**
     * The address_space of file {@code key} with a reference for the caller, made on first use; NULL if memory is out.
     * Context: may sleep.
     */
    public @Ref(AddressSpace.class) long open(Cpu cpu, long key) {
        return open(cpu, key, NO_END);
    }

    /** The same; if the file is made it has {@code size} bytes, and can be truncated; or {@link #NO_END}. */
    public @Ref(AddressSpace.class) long open(Cpu cpu, long key, long size) {
        long lock = FileTable.LOCK.of(table);
        SpinLock.lock(cpu, lock);
        long found = lookup(cpu, key);
        SpinLock.unlock(cpu, lock);
        if (found != Cpu.NULL) {
            return found;
        }
        long made = make(cpu, key, size);
        if (made == Cpu.NULL) {
            return Cpu.NULL;
        }
        SpinLock.lock(cpu, lock);
        found = lookup(cpu, key);
        if (found == Cpu.NULL) {
            HList.addHead(cpu, AddressSpace.HASH.of(made), bucket(key));
            ListHead.addTail(cpu, AddressSpace.ALL.of(made), FileTable.ALL.of(table));
            FileTable.NR_FILES.writeOnce(cpu, table, FileTable.NR_FILES.get(cpu, table) + 1);
        }
        SpinLock.unlock(cpu, lock);
        if (found != Cpu.NULL) {
            free(cpu, made);
            return found;
        }
        return made;
    }

    private long make(Cpu cpu, long key, long size) {
        long made = cache.alloc(cpu, Gfp.KERNEL);
        long host = Cpu.NULL;
        if (made != Cpu.NULL && size != NO_END) {
            // As large as an address_space, and so from the same slabs.
            host = cache.alloc(cpu, Gfp.KERNEL);
            if (host == Cpu.NULL) {
                cache.free(cpu, made);
                return Cpu.NULL;
            }
            Inode.init(cpu, host, size);
        }
        if (made != Cpu.NULL) {
            AddressSpace.init(cpu, made, key, host);
        }
        return made;
    }

    private void free(Cpu cpu, long mapping) {
        long host = AddressSpace.HOST.get(cpu, mapping);
        if (host != Cpu.NULL) {
            cache.free(cpu, host);
        }
        cache.free(cpu, mapping);
    }

    private long bucket(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        return table + FileTable.LAYOUT.sizeBytes() + (hash >>> 33) % buckets * Long.BYTES;
    }

    /** The file with one more reference, or NULL. Context: inode_lock. */
    private long lookup(Cpu cpu, long key) {
        for (long node = HList.first(cpu, bucket(key)); node != Cpu.NULL; node = HList.next(cpu, node)) {
            long mapping = AddressSpace.HASH.containerOf(node);
            if (AddressSpace.KEY.get(cpu, mapping) == key) {
                AddressSpace.COUNT.add(cpu, mapping, 1);
                return mapping;
            }
        }
        return Cpu.NULL;
    }

    /** One more reference. Context: the caller has one. */
    public void get(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        AddressSpace.COUNT.add(cpu, mapping, 1);
    }

    /** Drops a reference. The file and its cached pages stay until {@link #dropCaches} or reclaim. Full order. */
    public void put(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        AddressSpace.COUNT.addReturn(cpu, mapping, -1);
    }

    /** Files that exist, used or not; racy. */
    public long count(Cpu cpu) {
        return FileTable.NR_FILES.readOnce(cpu, table);
    }

    /**
     * Writes back and removes the pages of every file that nobody has open or mapped, then the file with its blocks:
     * what was written to it is lost, as if it were unlinked. A page that somebody still references stays, and its file
     * with it. Swap-cache pages that no pte needs go as well. For the leak check at shutdown. Context: may sleep.
     */
    public void dropCaches(Cpu cpu) {
        lru.drainAll(cpu);
        swap.dropUnused(cpu);
        // Ends: every further round was earned by a file freed in the last one.
        while (dropUnused(cpu) != 0) {
            sched.condResched(cpu);
        }
    }

    private int dropUnused(Cpu cpu) {
        int freed = 0;
        long all = FileTable.ALL.of(table);
        long lock = FileTable.LOCK.of(table);
        SpinLock.lock(cpu, lock);
        long node = ListHead.first(cpu, all);
        // Ends: goes once along the list; files opened meanwhile are appended and looked at as well.
        while (node != all) {
            long mapping = AddressSpace.ALL.containerOf(node);
            // The reference keeps the file, and so its place in the list, while the lock is dropped.
            AddressSpace.COUNT.add(cpu, mapping, 1);
            SpinLock.unlock(cpu, lock);
            if (AddressSpace.COUNT.readOnce(cpu, mapping) == 1) {
                pageCache.dropPages(cpu, mapping);
            }
            SpinLock.lock(cpu, lock);
            node = ListHead.next(cpu, node);
            if (AddressSpace.COUNT.addReturn(cpu, mapping, -1) == 0 && !pageCache.cached(cpu, mapping)) {
                evict(cpu, mapping);
                freed++;
            }
        }
        SpinLock.unlock(cpu, lock);
        return freed;
    }

    /**
     * prune_icache: frees unused files that have no page, no block and no end, looking at a few from the old end. The
     * size of a file is part of its contents.
     *
     * @return files freed. Context: any but inode_lock and tree_lock held
     */
    public int prune(Cpu cpu) {
        long all = FileTable.ALL.of(table);
        long lock = FileTable.LOCK.of(table);
        int freed = 0;
        SpinLock.lock(cpu, lock);
        long node = ListHead.first(cpu, all);
        for (int i = 0; i < PRUNE_BATCH && node != all; i++) {
            long next = ListHead.next(cpu, node);
            long mapping = AddressSpace.ALL.containerOf(node);
            if (AddressSpace.COUNT.readOnce(cpu, mapping) == 0
                    && AddressSpace.HOST.get(cpu, mapping) == Cpu.NULL
                    && AddressSpace.NRPAGES.readOnce(cpu, mapping) == 0
                    && AddressSpace.BLOCK_TREE.readOnce(cpu, mapping) == Cpu.NULL
                    && !pageCache.cached(cpu, mapping)) {
                evict(cpu, mapping);
                freed++;
            } else {
                // Looked at last next time.
                ListHead.moveTail(cpu, node, all);
            }
            node = next;
        }
        SpinLock.unlock(cpu, lock);
        return freed;
    }

    /**
     * Context: inode_lock; nobody has a reference and no page is cached, so nobody can reach the file but by its key.
     */
    private void evict(Cpu cpu, long mapping) {
        HList.delInit(cpu, AddressSpace.HASH.of(mapping));
        ListHead.del(cpu, AddressSpace.ALL.of(mapping));
        FileTable.NR_FILES.writeOnce(cpu, table, FileTable.NR_FILES.get(cpu, table) - 1);
        pageCache.forgetBlocks(cpu, mapping);
        free(cpu, mapping);
    }
}
