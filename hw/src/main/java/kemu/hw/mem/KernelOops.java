package kemu.hw.mem;

/** A wild, misaligned or NULL access to emulated memory: what a page fault in kernel mode is on hardware. */
public final class KernelOops extends KernelBug {
    private static final long serialVersionUID = 1L;
    private final long address;

    /** An oops on an access to {@code address}; {@code message} names access, width and the nearest object. */
    public KernelOops(String message, long address) {
        super(FailureKind.WILD_ACCESS, message);
        this.address = address;
    }

    @Override
    public KernelOops saying(String message) {
        return new KernelOops(message, address);
    }

    /** The emulated address that was accessed. */
    public long address() {
        return address;
    }
}
