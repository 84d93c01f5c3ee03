package kemu.hw.machine;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.hw.mem.UndoLog;
import kemu.hw.order.Barriers;

/**
 * A block device of frame-sized blocks: the swap area and the disk behind files. Its contents are not emulated memory;
 * the host pays for a block when it is first written. Transfers are synchronous (DMA that completes at once).
 */
public final class BlockDevice implements AutoCloseable {
    /** A transfer sees every store of the CPU that starts it, and that CPU then sees the transfer. */
    private static final int DMA = Barriers.fence("device.DMA");

    private final Machine machine;
    private final PhysMem memory;
    private final PhysMem store;
    private final int blocks;
    private UndoLog undo;
    /** Block after the last one that was ever written; a rare lost update is made up for by the next. */
    private volatile int reached;

    /** A device of {@code blocks} blocks, numbered from 0, attached to {@code machine}. */
    public BlockDevice(Machine machine, int blocks) {
        this.machine = machine;
        this.memory = machine.memory();
        this.blocks = blocks;
        // Frame 0 of any memory is never mapped; a device without blocks still needs a memory, of two frames.
        this.store = new PhysMem(Math.max(2L, blocks + 1L) * PhysMem.PAGE_SIZE);
        machine.attach(this);
    }

    /** Number of blocks. */
    public int blocks() {
        return blocks;
    }

    /**
     * Writes the frame at {@code frame} to block {@code block}; it is touched first, so that it has contents. It is the
     * device that reads, no CPU: a store that goes on meanwhile is on the block or is not, and whoever allows it has
     * the frame written again.
     */
    public void write(Cpu cpu, int block, long frame) {
        cpu.smpMb(DMA);
        if (machine instanceof EmuMachine emu) {
            emu.frames().host(frame, Long.BYTES);
        }
        if (undo != null) {
            undo.noteFrame(address(block));
        }
        memory.copyFrameTo(store, address(block), frame);
        if (block >= reached) {
            reached = block + 1;
        }
    }

    /** Reads block {@code block} into the frame at {@code frame}. The block must have been written. */
    public void read(Cpu cpu, int block, long frame) {
        cpu.read64(frame);
        cpu.smpMb(DMA);
        if (machine instanceof EmuMachine emu) {
            emu.frames().beforeWrite(frame);
        }
        store.copyFrameTo(memory, frame, address(block));
    }

    /** Bytes of the host that the contents may take: up to the last block that was ever written. Any thread. */
    long hostBytes() {
        return (long) reached * PhysMem.PAGE_SIZE;
    }

    /** From now on {@link #putBack} returns to the contents of now. */
    void keep() {
        undo = new UndoLog(store);
    }

    /** Puts all blocks back. */
    void putBack() {
        undo.undo();
    }

    private static long address(int block) {
        return (long) (block + 1) * PhysMem.PAGE_SIZE;
    }

    @Override
    public void close() {
        store.close();
    }
}
