package kemu.bench;

import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import kemu.host.JvmOptions;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs benchmarks by name, each in JVMs of its own, and puts every operation beside its peer. */
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
     * Measures the operation {@code name} and its peer.
     *
     * @param quick one short iteration in this JVM: shows that the benchmark works, measures nothing
     * @throws RunnerException if it fails, or its JVM is killed
     */
    public static Row run(String name, boolean quick) throws RunnerException {
        // The lock against a second JMH is a file that nobody deletes.
        System.setProperty("jmh.ignoreLock", "true");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .jvmArgs(JvmOptions.ofAnother().toArray(String[]::new))
                .include("\\." + name + "(" + PEER + ".*)?$");
        if (quick) {
            options.forks(0).warmupIterations(0).measurementIterations(1).measurementTime(TimeValue.milliseconds(10));
        } else {
            options.forks(2)
                    .warmupIterations(3)
                    .warmupTime(TimeValue.milliseconds(500))
                    .measurementIterations(5)
                    .measurementTime(TimeValue.milliseconds(500));
        }
        return row(new Runner(options.build()).run(), name);
    }

    private static Row row(Collection<RunResult> results, String name) {
        TreeMap<String, Result<?>> byName = new TreeMap<>();
        for (RunResult result : results) {
            String full = result.getParams().getBenchmark();
            byName.put(full.substring(full.lastIndexOf('.') + 1), result.getPrimaryResult());
        }
        Result<?> measured = byName.get(name);
        String peer = byName.ceilingKey(name + PEER);
        return new Row(
                name,
                measured.getScore(),
                measured.getScoreError(),
                peer.substring(name.length() + PEER.length()),
                byName.get(peer).getScore());
    }
}
