package kemu.workload;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;

/** All workloads: one row each, and those of other authors on the class path or in plugins. */
public final class Workloads {
    private static final List<Supplier<WorkloadProvider>> ROWS = List.of(
            KbuildProvider::new,
            ForkStormProvider::new,
            PageFaultProvider::new,
            ThreadStormProvider::new,
            MlockTruncateProvider::new,
            KsmProvider::new,
            ThpProvider::new,
            Aim7Provider::new,
            MprotectProvider::new,
            SwapProvider::new,
            MigrateProvider::new,
            MixProvider::new);

    /** Latency series of what the kernel does of its own accord, whatever runs: reclaim, swap, moves, grace. */
    public static final List<String> KERNEL_SERIES = List.of(
            "swap_readpage",
            "swap_writepage",
            "page_lock_anon_vma",
            "rmap_walk",
            "fault_swapin",
            "reclaim_direct",
            "kswapd_pass",
            "migrate_page",
            "compact_zone",
            "kcompactd_pass",
            "khugepaged_collapse",
            "synchronize_rcu",
            "grace_period");

    /** Latency series of what the host does to the process, whatever runs. */
    public static final List<String> HOST_SERIES = List.of("host_pause", "in_host_pause");

    private Workloads() {}

    /** A new object for each, with the values that its options have when they are not given. */
    public static List<WorkloadProvider> all() {
        List<WorkloadProvider> all =
                new ArrayList<>(ROWS.stream().map(Supplier::get).toList());
        all.addAll(foreign());
        return all;
    }

    /** Those of other authors only. */
    public static List<WorkloadProvider> foreign() {
        return ServiceLoader.load(WorkloadProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .toList();
    }

    /** Their names. */
    public static List<String> names() {
        return all().stream().map(WorkloadProvider::name).toList();
    }

    /** A new object for the one called {@code name}, which is among {@link #names}. */
    public static WorkloadProvider named(String name) {
        return all().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
    }
}
