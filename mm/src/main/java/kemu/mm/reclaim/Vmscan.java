package kemu.mm.reclaim;

import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/**
 * kswapd and direct reclaim.
 */
public final class Vmscan {
    private final Kernel kernel;

    /** Part of {@code kernel}; boot only. */
    public Vmscan(Kernel kernel) {
        this.kernel = kernel;
    }

    /** As {@link kemu.mm.page.Reclaimer}. */
    public void wakeKswapd(Cpu cpu) {
        throw new UnsupportedOperationException("Vmscan");
    }

    /** As {@link kemu.mm.page.Reclaimer}. */
    public long directReclaim(Cpu cpu, int gfp, int order) {
        throw new UnsupportedOperationException("Vmscan");
    }

    /** As {@link kemu.mm.page.Reclaimer}. */
    public boolean outOfMemory(Cpu cpu) {
        throw new UnsupportedOperationException("Vmscan");
    }

    /** Starts kswapd. */
    public void start(Cpu cpu) {
        throw new UnsupportedOperationException("Vmscan");
    }
}
