package kemu.mm.file;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.machine.BlockDevice;
import kemu.hw.machine.Machine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.LockClass;
import kemu.kernel.locking.SpinLock;
import kemu.mm.page.Gfp;
import kemu.mm.page.PageAllocator;
import kemu.mm.swap.SlotMap;

/**
 * The disk behind files: where pages of shared mappings go when they are written back. A block belongs to one page of
 * one file from its first writeback until the file goes; {@link AddressSpace#BLOCK_TREE} finds it. Pages never written
 * have no block, their contents follow from the file's key.
 */
final class Disk {
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

    /** The block of page {@code index}, or -1 if it was never written. Context: the page is locked. */
    int find(Cpu cpu, @Ref(AddressSpace.class) long mapping, long index) {
        if (AddressSpace.BLOCK_TREE.readOnce(cpu, mapping) == Cpu.NULL) {
            return -1;
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

    private void giveBack(Cpu cpu, int block) {
        SpinLock.lock(cpu, lock);
        blocks.give(cpu, block);
        SpinLock.unlock(cpu, lock);
    }

    /** Frees every block of a file that is going away. */
    void forget(Cpu cpu, @Ref(AddressSpace.class) long mapping) {
        long root = AddressSpace.BLOCK_TREE.of(mapping);
        long treeLock = AddressSpace.TREE_LOCK.of(mapping);
        SpinLock.lockIrq(cpu, treeLock);
        // Ends: every round removes an item.
        for (long index = RadixTree.next(cpu, root, 0); index >= 0; index = RadixTree.next(cpu, root, index + 1)) {
            giveBack(cpu, (int) tree.delete(cpu, root, index) - 1);
        }
        SpinLock.unlockIrq(cpu, treeLock);
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
