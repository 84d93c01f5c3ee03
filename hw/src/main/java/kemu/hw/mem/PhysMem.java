package kemu.hw.mem;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import org.agrona.UnsafeApi;

/**
 * Emulated physical memory. Address 0 is NULL and frame 0 is never mapped. Frames live in direct banks of 1 GiB that
 * are reserved, not zeroed: the host pays for a frame when it is first touched.
 *
 * <p>Addresses are offsets from the start of memory, so they repeat from run to run whatever the host hands out.
 * {@link #host} is the one place where the host's base is added; it checks bounds and natural alignment.
 */
public final class PhysMem implements AutoCloseable {
    /** Log2 of the frame size. */
    public static final int PAGE_SHIFT = 12;
    /** Bytes per frame. */
    public static final int PAGE_SIZE = 1 << PAGE_SHIFT;
    /** Where {@link #hashFrame} begins. */
    public static final long HASH_SEED = 0x2545_F491_4F6C_DD1DL;

    private static final int BANK_SHIFT = 30;
    private static final long BANK_MASK = (1L << BANK_SHIFT) - 1;

    private final ByteBuf[] banks;
    private final long[] bases;
    private final long sizeBytes;
    private final long lastOffset;
    // The first bank is all of most machines: its addresses take one comparison and no look into an array.
    private final long firstBase;
    private final long firstBankOffset;
    private final Symbols symbols = new Symbols();

    /**
     * Reserves {@code sizeBytes} of memory, rounded up to whole frames.
     *
     * @throws IllegalArgumentException if the size is below two frames
     * @throws OutOfMemoryError if it is above {@link #maxHostBytes}, or the host refuses the reservation
     */
    public PhysMem(long sizeBytes) {
        if (sizeBytes < 2L * PAGE_SIZE) {
            throw new IllegalArgumentException("physical memory of " + sizeBytes + " bytes: need at least two frames");
        }
        if (sizeBytes > maxHostBytes()) {
            throw new OutOfMemoryError("physical memory of " + sizeBytes + " bytes: this host allows at most "
                    + maxHostBytes() + " bytes");
        }
        this.sizeBytes = (sizeBytes + PAGE_SIZE - 1) & -PAGE_SIZE;
        this.lastOffset = this.sizeBytes - PAGE_SIZE;
        int count = (int) ((this.sizeBytes + BANK_MASK) >>> BANK_SHIFT);
        HostMemory.requireAddressSpace(this.sizeBytes);
        banks = new ByteBuf[count];
        bases = new long[count];
        for (int i = 0; i < count; i++) {
            long length = Math.min(BANK_MASK + 1, this.sizeBytes - ((long) i << BANK_SHIFT));
            // One frame of slack: the base is rounded up so that frames are aligned on the host as well.
            banks[i] = UnpooledByteBufAllocator.DEFAULT.directBuffer((int) length + PAGE_SIZE);
            bases[i] = (banks[i].memoryAddress() + PAGE_SIZE - 1) & -PAGE_SIZE;
            HugePagesOfHost.advise(bases[i], length);
        }
        firstBase = bases[0];
        firstBankOffset = Math.min(lastOffset, BANK_MASK + 1 - PAGE_SIZE);
    }

    /** Most memory a machine can be given here: what the host has, or less if the JVM was limited further. */
    public static long maxHostBytes() {
        long limit = HostMemory.limitBytes();
        // A frame of slack per bank.
        return (limit - (limit >>> BANK_SHIFT) * PAGE_SIZE - PAGE_SIZE) & -PAGE_SIZE;
    }

    /** Size in bytes, frame 0 included. */
    public long sizeBytes() {
        return sizeBytes;
    }

    /** Names for addresses, used by reports. */
    public Symbols symbols() {
        return symbols;
    }

    /**
     * The host address of {@code address}.
     *
     * @param width bytes of the access, 4 or 8; the address must be a multiple of it
     * @throws KernelOops for NULL page, out of range, or misaligned
     */
    public long host(long address, int width) {
        if (Long.compareUnsigned(address - PAGE_SIZE, firstBankOffset) < 0 && (address & (width - 1)) == 0) {
            return firstBase + address;
        }
        return inOtherBank(address, width);
    }

    private long inOtherBank(long address, int width) {
        if (Long.compareUnsigned(address - PAGE_SIZE, lastOffset) >= 0 || (address & (width - 1)) != 0) {
            throw oops(address, width);
        }
        return bases[(int) (address >>> BANK_SHIFT)] + (address & BANK_MASK);
    }

    /** Fills the frame at {@code frame} with zero bytes. */
    public void clearFrame(long frame) {
        UnsafeApi.setMemory(host(frame, PAGE_SIZE), PAGE_SIZE, (byte) 0);
    }

    /** Copies the frame at {@code from} over the frame at {@code to}. */
    public void copyFrame(long to, long from) {
        UnsafeApi.copyMemory(host(from, PAGE_SIZE), host(to, PAGE_SIZE), PAGE_SIZE);
    }

    /** Copies the frame at {@code from} of this memory over the frame at {@code to} of {@code target}. */
    public void copyFrameTo(PhysMem target, long to, long from) {
        UnsafeApi.copyMemory(host(from, PAGE_SIZE), target.host(to, PAGE_SIZE), PAGE_SIZE);
    }

    /** The first words of two frames that differ, compared as unsigned numbers; 0 if all are equal. */
    public int compareFrames(long one, long other) {
        long a = host(one, PAGE_SIZE);
        long b = host(other, PAGE_SIZE);
        for (int at = 0; at < PAGE_SIZE; at += Long.BYTES) {
            int order =
                    Long.compareUnsigned(UnsafeApi.getLongOpaque(null, a + at), UnsafeApi.getLongOpaque(null, b + at));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    /** A number that depends on all words of a frame. */
    public long hashFrame(long frame) {
        long host = host(frame, PAGE_SIZE);
        long hash = HASH_SEED;
        for (int at = 0; at < PAGE_SIZE; at += Long.BYTES) {
            hash = mix(hash, UnsafeApi.getLongOpaque(null, host + at));
        }
        return hash;
    }

    /** One step of {@link #hashFrame}, which begins with {@link #HASH_SEED}. */
    public static long mix(long hash, long word) {
        return Long.rotateLeft((hash ^ word) * 0x9E37_79B9_7F4A_7C15L, 31);
    }

    private KernelOops oops(long address, int width) {
        String kind;
        if (address >= 0 && address < PAGE_SIZE) {
            kind = "unable to handle kernel NULL pointer dereference";
        } else if (Long.compareUnsigned(address, sizeBytes) >= 0) {
            kind = "unable to handle kernel paging request outside memory of 0x" + Long.toHexString(sizeBytes);
        } else {
            kind = "misaligned access";
        }
        return new KernelOops(
                "BUG: " + kind + " at 0x" + Long.toHexString(address) + " (" + width + " bytes, object "
                        + symbols.nameOf(address) + ")",
                address);
    }

    @Override
    public void close() {
        for (ByteBuf bank : banks) {
            if (bank.refCnt() > 0) {
                bank.release();
            }
        }
    }
}
