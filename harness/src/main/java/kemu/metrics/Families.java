package kemu.metrics;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot.InfoDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot.SummaryDataPointSnapshot;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kemu.host.HostPauses;
import kemu.host.HostUsage;
import kemu.latency.Figures;
import kemu.locks.LockFigures;
import kemu.mm.page.VmStatItem;
import kemu.soak.live.Look;

/** The metrics of a run: names begin with {@code kemu_}, times are in seconds, sizes in bytes or pages. */
final class Families {
    private static final double NANOS = 1e9;
    private static final double MILLIS = 1e3;

    private final MetricSnapshots.Builder all = MetricSnapshots.builder();

    private Families() {}

    /** What {@code run} knows now. */
    static MetricSnapshots of(MetricsSource run) {
        Families families = new Families();
        families.information(run.information());
        families.kernel(run.look());
        families.vmstat(run.look());
        run.work().forEach((what, count) -> families.counter("kemu_" + what, "As in SUMMARY of kemu run.", count));
        families.latencies(run);
        families.locks(
                "kemu_lock_wait_seconds",
                "Waits for locks that were not free",
                run.measuredLocks(),
                LockFigures::waits);
        families.locks("kemu_lock_hold_seconds", "Holds of locks", run.measuredLocks(), LockFigures::holds);
        families.byClass(
                "kemu_lock_wait_sampled_seconds",
                "Seconds that tasks were seen waiting for",
                run.locks().waits());
        families.byClass(
                "kemu_spinlock_hold_sampled_seconds",
                "Seconds that CPUs were seen holding",
                run.locks().holds());
        families.host(run.pauses());
        return families.all.build();
    }

    private void information(Map<String, String> values) {
        Labels.Builder labels = Labels.builder();
        values.forEach(labels::label);
        all.metricSnapshot(InfoSnapshot.builder()
                .name("kemu_run")
                .help("How the run was started.")
                .dataPoint(
                        InfoDataPointSnapshot.builder().labels(labels.build()).build())
                .build());
    }

    private void kernel(Look look) {
        counter("kemu_elapsed_seconds", "Since the run began.", look.elapsedMillis() / MILLIS);
        counter("kemu_processes", "Processes that have ended.", look.processes());
        gauge("kemu_used_pages", "Frames in use.", look.usedPages());
        gauge("kemu_swap_used_pages", "Entries of the swap area in use.", look.swapPages());
        gauge("kemu_slab_pages", "Frames of all slab caches.", look.slabPages());
        gauge(
                "kemu_rcu_grace_period_age_seconds",
                "Age of the oldest grace period, 0 if none is running.",
                look.graceAgeMillis() / MILLIS);
        counter("kemu_rcu_grace_periods", "Grace periods completed.", look.gracePeriods());
        gauge("kemu_rcu_callbacks", "Callbacks that wait for a grace period.", look.callbacks());
        counter("kemu_rcu_stalls", "Stalls reported.", look.stalls());
        counter("kemu_wrong_unlocks", "Spinlocks released by a CPU that had not taken them.", look.wrongUnlocks());
        GaugeSnapshot.Builder objects =
                GaugeSnapshot.builder().name("kemu_slab_objects").help("Objects in use, by slab cache.");
        look.objects()
                .forEach((cache, count) -> objects.dataPoint(GaugeDataPointSnapshot.builder()
                        .labels(Labels.of("cache", cache))
                        .value(count)
                        .build()));
        all.metricSnapshot(objects.build());
    }

    private void vmstat(Look look) {
        for (var item : look.vmstat().entrySet()) {
            VmStatItem.Kind kind = item.getKey().kind();
            String name = "kemu_vmstat_" + item.getKey().key();
            String help = "As in /proc/vmstat.";
            if (kind == VmStatItem.Kind.EVENT || kind == VmStatItem.Kind.LATE) {
                counter(name, help, item.getValue());
            } else {
                gauge(name, help, item.getValue());
            }
        }
    }

    private void latencies(MetricsSource run) {
        SummarySnapshot.Builder summary = SummarySnapshot.builder()
                .name("kemu_latency_seconds")
                .help("Latencies by tag of latency.hlog; quantiles are of its last interval.");
        for (Figures one : run.latencies()) {
            SummaryDataPointSnapshot.Builder point = SummaryDataPointSnapshot.builder()
                    .labels(Labels.of("tag", one.tag()))
                    .count(one.count())
                    .sum(one.sumSeconds());
            if (one.recent() != 0) {
                point.quantiles(Quantiles.builder()
                        .quantile(0.5, one.p50() / NANOS)
                        .quantile(0.9, one.p90() / NANOS)
                        .quantile(0.99, one.p99() / NANOS)
                        .quantile(0.999, one.p999() / NANOS)
                        .quantile(1, one.max() / NANOS)
                        .build());
            }
            summary.dataPoint(point.build());
        }
        all.metricSnapshot(summary.build());
    }

    /** Nothing is told of a run that does not measure them. */
    private void locks(
            String name, String help, List<LockFigures> measured, Function<LockFigures, LockFigures.Times> which) {
        if (measured.isEmpty()) {
            return;
        }
        SummarySnapshot.Builder summary = SummarySnapshot.builder()
                .name(name)
                .help(help + ", by class; quantiles are of the whole run (--lock-stat).");
        for (LockFigures one : measured) {
            LockFigures.Times times = which.apply(one);
            SummaryDataPointSnapshot.Builder point = SummaryDataPointSnapshot.builder()
                    .labels(Labels.of("class", one.lockClass(), "kind", one.kind(), "mode", one.mode()))
                    .count(times.count())
                    .sum(times.sum() / NANOS);
            if (times.count() != 0) {
                point.quantiles(Quantiles.builder()
                        .quantile(0.5, times.p50() / NANOS)
                        .quantile(0.99, times.p99() / NANOS)
                        .quantile(1, times.max() / NANOS)
                        .build());
            }
            summary.dataPoint(point.build());
        }
        all.metricSnapshot(summary.build());
    }

    private void byClass(String name, String help, Map<String, Double> seconds) {
        CounterSnapshot.Builder counter =
                CounterSnapshot.builder().name(name).help(help + " locks of a class, sampled five times a second.");
        seconds.forEach((lockClass, value) -> counter.dataPoint(CounterDataPointSnapshot.builder()
                .labels(Labels.of("class", lockClass))
                .value(value)
                .build()));
        all.metricSnapshot(counter.build());
    }

    private void host(HostPauses.Totals pauses) {
        counter("kemu_host_pauses", "Times that the host held the process up.", pauses.count());
        counter("kemu_host_paused_seconds", "For how long it did.", pauses.total() / NANOS);
        gauge("kemu_host_rss_bytes", "Resident memory of the process.", HostUsage.rssBytes());
    }

    private void counter(String name, String help, double value) {
        all.metricSnapshot(CounterSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(CounterDataPointSnapshot.builder().value(value).build())
                .build());
    }

    private void gauge(String name, String help, double value) {
        all.metricSnapshot(GaugeSnapshot.builder()
                .name(name)
                .help(help)
                .dataPoint(GaugeDataPointSnapshot.builder().value(value).build())
                .build());
    }
}
