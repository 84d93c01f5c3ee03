package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.BlockDevice;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.swap.SlotMap;
import kemu.mm.uapi.Errno;

/**
 * The disk behind files: where pages of shared mappings go when they are written back. A block belongs to one page of
 * one file from its first writeback until the file goes; {@link AddressSpace#BLOCK_TREE} finds it. Pages never written
 * have no block, their contents follow from the file's key.
 */
final class Disk {
    /** A page without a block: what it holds follows from the file. */
    static final int NONE = -1;
    /** A page that was punched: zero bytes. */
    static final int HOLE = -2;

    private static final int HOLE_ITEM = HOLE + 1;
    private static final LockClass DISK_LOCK = LockClass.of("disk_lock");
    /** Least and most blocks: enough for a test, and as many as one page of bitmap can describe. */
    private static final int MIN_BLOCKS = 1024;

    static final int MAX_BLOCKS = 32_000;

    private final RadixTree tree;
    private final BlockDevice device;
    private final SlotMap blocks;
    private final long lock;

    /** Makes the device and its map. Boot only. */
    Disk(Machine machine, PageAllocator pages, RadixTree tree) {
        this.tree = tree;
        int count = (int) Math.min(MAX_BLOCKS, Math.max(MIN_BLOCKS, pages.totalPages()));
        device = new BlockDevice(machine, count);
        Cpu boot = machine.bootCpu();
        long frame = pages.frameOf(pages.allocPages(boot, Gfp.NOWAIT, 0));
        boot.clearFrame(frame);
        lock = frame;
        SpinLock.init(boot, lock, DISK_LOCK);
        long map = frame + SpinLock.LAYOUT.sizeBytes();
        if (SlotMap.bytes(count) > frame + PhysMem.PAGE_SIZE - map) {
            throw new IllegalStateException("the disk's bitmap does not fit its page");
        }
        blocks = new SlotMap(boot, map, count);
    }

    /** The block of page {@code index}, {@link #NONE}, or {@link #HOLE}. Context: the page is locked. */
    int find(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index) {
        if (AddressSpace.BLOCK_TREE.readOnce(cpu, mapping) == Cpu.NULL) {
            return NONE;
        }
        SpinLock.lockIrq(cpu, AddressSpace.TREE_LOCK.of(mapping));
        long item = RadixTree.lookup(cpu, AddressSpace.BLOCK_TREE.of(mapping), index);
        SpinLock.unlockIrq(cpu, AddressSpace.TREE_LOCK.of(mapping));
        return (int) item - 1;
    }

    /**
     * The block of page {@code index}, given one if it has none; -1 if the disk or memory is full. Context: the page is
     * locked.
     */
    int assign(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index) {
        int known = find(cpu, mapping, index);
        if (known >= 0) {
            return known;
        }
        SpinLock.lock(cpu, lock);
        int block = blocks.take(cpu);
        SpinLock.unlock(cpu, lock);
        if (block < 0) {
            return -1;
        }
        if (known == HOLE) {
            fillHole(cpu, mapping, index, block);
            return block;
        }
        int done = tree.store(
                cpu,
                AddressSpace.BLOCK_TREE.of(mapping),
                AddressSpace.TREE_LOCK.of(mapping),
                index,
                block + 1L,
                Gfp.HIGH);
        if (done != 0) {
            giveBack(cpu, block);
            return -1;
        }
        return block;
    }

    /** Nobody else changes what is known of a page while its lock is held. */
    private static void fillHole(Cpu cpu, long mapping, long index, int block) {
        SpinLock.lockIrq(cpu, AddressSpace.TREE_LOCK.of(mapping));
        RadixTree.replace(cpu, AddressSpace.BLOCK_TREE.of(mapping), index, block + 1L);
        SpinLock.unlockIrq(cpu, AddressSpace.TREE_LOCK.of(mapping));
    }

    private void giveBack(Cpu cpu, int block) {
        if (block >= 0) {
            SpinLock.lock(cpu, lock);
            blocks.give(cpu, block);
            SpinLock.unlock(cpu, lock);
        }
    }

    /**
     * Frees every block from page {@code first} on. Context: the file is going away, or no page from there on is cached
     * but those read since the file ends before it, which need no block.
     */
    void forget(Cpu cpu, @Ref(AddressSpace.class) long mapping, long first) {
        long root = AddressSpace.BLOCK_TREE.of(mapping);
        long treeLock = AddressSpace.TREE_LOCK.of(mapping);
        SpinLock.lockIrq(cpu, treeLock);
        // Ends: every round removes an item.
        for (long index = RadixTree.next(cpu, root, first); index >= 0; index = RadixTree.next(cpu, root, index + 1)) {
            giveBack(cpu, (int) tree.delete(cpu, root, index) - 1);
        }
        SpinLock.unlockIrq(cpu, treeLock);
    }

    /**
     * Page {@code index} reads as zero bytes from here on, if it is read anew. Its block may be in use as long as it is
     * cached, so a cached page is locked by the caller, and not under writeback.
     *
     * @param cached the page, locked; or NULL if it seems not to be cached
     * @return 0, -ENOMEM, or -EAGAIN if it may have been cached meanwhile
     */
    int punch(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index, boolean kept, @Ref(Page.class) long cached) {
        long root = AddressSpace.BLOCK_TREE.of(mapping);
        long treeLock = AddressSpace.TREE_LOCK.of(mapping);
        SpinLock.lockIrq(cpu, treeLock);
        if (RadixTree.lookup(cpu, AddressSpace.PAGE_TREE.of(mapping), index) != cached) {
            SpinLock.unlockIrq(cpu, treeLock);
            return Errno.EAGAIN;
        }
        long item = RadixTree.lookup(cpu, root, index);
        if (item != Cpu.NULL) {
            if (kept) {
                RadixTree.replace(cpu, root, index, HOLE_ITEM);
            } else {
                tree.delete(cpu, root, index);
            }
            giveBack(cpu, (int) item - 1);
        }
        SpinLock.unlockIrq(cpu, treeLock);
        if (item != Cpu.NULL || !kept) {
            return 0;
        }
        int done = tree.store(cpu, root, treeLock, index, HOLE_ITEM, Gfp.KERNEL);
        // Without the page's lock it may have been read between the look and the store.
        return done == 0 && cached == Cpu.NULL || done == Errno.EEXIST ? Errno.EAGAIN : done;
    }

    /** Blocks in use; racy. */
    long used(Cpu cpu) {
        return blocks.slots() - blocks.free(cpu);
    }

    /** Copies {@code frame} to {@code block}. */
    void write(Cpu cpu, int block, long frame) {
        device.write(cpu, block, frame);
    }

    /** Copies {@code block} to {@code frame}. */
    void read(Cpu cpu, int block, long frame) {
        device.read(cpu, block, frame);
    }
}
