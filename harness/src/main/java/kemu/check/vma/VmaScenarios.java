package kemu.check.vma;

import java.util.List;
import kemu.check.scenario.Scenario;

/** The scenarios of this package. */
public final class VmaScenarios {
    /** In the order of KERNEL-FACTS section D.4. */
    public static final List<Scenario> ALL = List.of(
            new NoReference(),
            new FaultUnmap(
                    "vma-put-now",
                    "a fault against munmap of its VMA: whose reference is the last one?",
                    FaultUnmap.SHARED_TABLE,
                    1,
                    List.of("spf", "spf-put-now")),
            new RotatedTree(),
            new FaultUnmap(
                    "vma-bounds",
                    "a fault against munmap of the end of its VMA",
                    FaultUnmap.SHARED_TABLE,
                    2,
                    List.of("spf", "spf-bounds", "spf-bounds-late", "spf-zap")),
            new FaultUnmap(
                    "vma-zap",
                    "a write fault against munmap: no page may be mapped afterwards",
                    FaultUnmap.SHARED_TABLE,
                    1,
                    List.of("spf", "spf-zap", "per-vma-lock", "per-vma-refcount")),
            new FaultUnmap(
                    "vma-table",
                    "a write fault against munmap of all that its page table maps",
                    FaultUnmap.OWN_TABLE,
                    1,
                    List.of("spf", "spf-zap", "per-vma-lock", "per-vma-refcount")),
            new ProtectFault(
                    "vma-protect-cow",
                    "a write fault that copies a page against mprotect to read-only",
                    TouchedPage.ZERO,
                    List.of("spf", "spf-copy", "spf-zap", "per-vma-lock", "per-vma-refcount")),
            new ProtectFault(
                    "vma-protect-reuse",
                    "a write fault that reuses a page, once it is not locked any more, against mprotect to read-only",
                    TouchedPage.OWN,
                    List.of("spf", "spf-reuse", "spf-zap")),
            new ProtectFault(
                    "vma-protect-swap",
                    "a write fault on a page in the swap cache against mprotect to read-only",
                    TouchedPage.SWAP_CACHE,
                    List.of("spf", "spf-swap", "spf-zap", "per-vma-lock", "per-vma-refcount")),
            new FlushDeadlock(),
            new TornIndex("vma-torn-index", TouchedPage.NONE),
            new TornIndex("vma-torn-index-cow", TouchedPage.ZERO),
            new FileOfVma(),
            new StackRot(),
            new StackIndex(),
            new LinkedVma(),
            new AnonVmaFirst(),
            new HalfUpdate(),
            new UnlockedByCount(false),
            new UnlockedByCount(true),
            new OutOfMemory(OutOfMemory.Kind.SPLIT),
            new OutOfMemory(OutOfMemory.Kind.MERGE),
            new OutOfMemory(OutOfMemory.Kind.FORK),
            new RecycledMm("vma-recycled-mm", true),
            new CachedVma(
                    "vma-cache",
                    "a VMA that a thread's cache remembers, against munmap and a grace period",
                    CachedVma.Plot.REMEMBERED,
                    List.of("spf", "spf-cache-v12", "spf-cache-never")),
            new CachedVma(
                    "vma-cache-fill",
                    "a thread's cache remembers a VMA that leaves meanwhile, and is asked again when that is freed",
                    CachedVma.Plot.FILLED,
                    List.of("spf", "spf-cache-v12", "spf-cache-never")));

    /** Those whose search takes minutes, or more: to be asked for by name, not part of all. */
    public static final List<Scenario> LONG = List.of(
            new RecycledMm("vma-recycled-mm-free", false),
            new ThreadMix(),
            new CachedVma(
                    "vma-cache-flood",
                    "as vma-cache; munmap's callbacks are so many that a grace period begins in it (pct finds it)",
                    CachedVma.Plot.FLOOD,
                    List.of("spf", "spf-cache-v12", "spf-cache-late")));

    private VmaScenarios() {}
}
