package kemu.mm.fault.direct;

import java.util.Map;
import java.util.TreeMap;
import kemu.hw.cpu.Cpu;
import kemu.mm.fault.SlotPin;
import kemu.mm.page.PageAllocator;
import kemu.mm.swap.Swap;

/** Ways to swap in past the swap cache, by name. */
public final class SlotPins {
    @FunctionalInterface
    private interface Way {
        SlotPin create(Cpu boot, PageAllocator pages, Swap swap);
    }

    /** Every swap-in goes through the swap cache: the default, and 2.6.36. */
    public static final String CACHED = "cached";
    /** Past the cache, the entry pinned. */
    public static final String PINNED = "direct";

    /** Only these are made, so that no class of a way that is not chosen is loaded. */
    private static final Map<String, Way> BY_NAME = new TreeMap<>(Map.of(
            CACHED,
            (boot, pages, swap) -> null,
            PINNED,
            PreparedSlot::new,
            "direct-spins",
            SpinningLoser::new,
            "direct-one-user",
            (boot, pages, swap) -> new OneUserOnly(swap),
            "direct-unpinned",
            (boot, pages, swap) -> new NotPinned()));

    private SlotPins() {}

    /** All names. */
    public static String[] names() {
        return BY_NAME.keySet().toArray(new String[0]);
    }

    /**
     * The way called {@code name}; null if no swap-in passes the cache by. Boot only.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static SlotPin byName(Cpu boot, String name, PageAllocator pages, Swap swap) {
        Way way = BY_NAME.get(name);
        if (way == null) {
            throw new IllegalArgumentException("swap-in: " + name + " (allowed: " + String.join(", ", names()) + ")");
        }
        return way.create(boot, pages, swap);
    }
}
