package kemu.bench;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs benchmarks by name, each in a JVM of its own, and puts every operation beside its peer. */
public final class Benchmarks {
    private static final String PEER = "Peer";

    /**
     * One operation and its peer.
     *
     * @param name name of the operation
     * @param nanos nanoseconds per operation, the error of its 99.9 % confidence interval beside it
     * @param error half the width of that interval
     * @param peer what it is compared with
     * @param peerNanos nanoseconds per operation of the peer
     */
    public record Row(String name, double nanos, double error, String peer, double peerNanos) {
        /** Operation over peer: below one is faster. */
        public double ratio() {
            return nanos / peerNanos;
        }
    }

    private Benchmarks() {}

    /** Names of the operations that can be measured. */
    public static List<String> names() {
        return List.of("plainRead", "cmpxchg", "spinLock", "rcuRead", "slab", "zeroedPage");
    }

    /**
     * Measures the named operations and their peers.
     *
     * @param quick one short iteration in this JVM: shows that the benchmark works, measures nothing
     */
    public static List<Row> run(Collection<String> operations, boolean quick) throws RunnerException {
        ChainedOptionsBuilder options = new OptionsBuilder()
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .jvmArgs(
                        ManagementFactory.getRuntimeMXBean().getInputArguments().toArray(String[]::new));
        for (String operation : operations) {
            options.include("\\." + operation + "(" + PEER + ".*)?$");
        }
        if (quick) {
            options.forks(0).warmupIterations(0).measurementIterations(1).measurementTime(TimeValue.milliseconds(10));
        } else {
            options.forks(2)
                    .warmupIterations(3)
                    .warmupTime(TimeValue.milliseconds(500))
                    .measurementIterations(5)
                    .measurementTime(TimeValue.milliseconds(500));
        }
        return rows(new Runner(options.build()).run(), operations);
    }

    private static List<Row> rows(Collection<RunResult> results, Collection<String> operations) {
        TreeMap<String, Result<?>> byName = new TreeMap<>();
        for (RunResult result : results) {
            String full = result.getParams().getBenchmark();
            byName.put(full.substring(full.lastIndexOf('.') + 1), result.getPrimaryResult());
        }
        List<Row> rows = new ArrayList<>();
        for (String operation : operations) {
            Result<?> measured = byName.get(operation);
            String peer = byName.ceilingKey(operation + PEER);
            rows.add(new Row(
                    operation,
                    measured.getScore(),
                    measured.getScoreError(),
                    peer.substring(operation.length() + PEER.length()),
                    byName.get(peer).getScore()));
        }
        return rows;
    }
}
