package kemu.soak;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kemu.host.HostPauses;
import kemu.latency.Figures;
import kemu.latency.Latencies;
import kemu.locks.LockFigures;
import kemu.metrics.MetricsSource;
import kemu.soak.live.LockSamples;
import kemu.soak.live.Look;
import kemu.soak.live.Watch;
import kemu.soak.live.Work;
import kemu.workload.Counts;

/** What others may know of a run while it goes on. */
record RunMetrics(RunConfig config, Watch watch, Latencies recorded, HostPauses paused, Counts counts)
        implements MetricsSource {
    @Override
    public Map<String, String> information() {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("workload", config.workload());
        values.put("seed", Long.toString(config.seed()));
        values.put("cpus", Integer.toString(config.cpus()));
        values.put("memory_bytes", Long.toString(config.memoryBytes()));
        values.put("anon_vma", config.anonVma());
        values.put("vma_lookup", config.vmaLookup());
        values.put("mlock", config.mlock());
        values.put("spinlock", config.spinLock());
        values.put("rcu", config.rcu());
        return values;
    }

    @Override
    public Look look() {
        return watch.last();
    }

    @Override
    public Map<String, Long> work() {
        return Work.of(counts);
    }

    @Override
    public List<Figures> latencies() {
        return recorded.figures();
    }

    @Override
    public LockSamples locks() {
        return watch.locks();
    }

    @Override
    public List<LockFigures> measuredLocks() {
        return watch.measuredLocks();
    }

    @Override
    public HostPauses.Totals pauses() {
        return paused.totals();
    }
}
