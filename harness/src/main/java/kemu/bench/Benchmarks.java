package kemu.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import kemu.host.JvmOptions;
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
    private static final String LOOKUP = "lookup";

    /**
     * One operation and its peer.
     *
     * @param name name of the operation, and of the strategy that it is measured with, if there are several
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
        return List.of("plainRead", "cmpxchg", "spinLock", "rcuRead", "slab", "zeroedPage", LOOKUP);
    }

    /** How many measurements {@link #run} takes, those of peers included. */
    public static int measurements(String name) {
        return name.equals(LOOKUP) ? LookupBench.strategies().size() + 1 : 2;
    }

    /**
     * Measures the operation {@code name} and its peer; a lookup of an anon_vma with each strategy that is not known to
     * be wrong, the default first.
     *
     * @param quick one short iteration in this JVM: shows that the benchmark works, measures nothing
     * @throws RunnerException if it fails, or its JVM is killed
     */
    public static List<Row> run(String name, boolean quick) throws RunnerException {
        // The lock against a second JMH is a file that nobody deletes.
        System.setProperty("jmh.ignoreLock", "true");
        ChainedOptionsBuilder options = new OptionsBuilder()
                .verbosity(VerboseMode.SILENT)
                .shouldFailOnError(true)
                .param(LookupBench.STRATEGY, LookupBench.strategies().toArray(String[]::new))
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
        return rows(new Runner(options.build()).run(), name);
    }

    private static List<Row> rows(Collection<RunResult> results, String name) {
        List<RunResult> measured = new ArrayList<>();
        RunResult peer = null;
        for (RunResult result : results) {
            if (simpleName(result).equals(name)) {
                measured.add(result);
            } else {
                peer = result;
            }
        }
        String peerName = simpleName(peer).substring(name.length() + PEER.length());
        double peerNanos = peer.getPrimaryResult().getScore();
        return measured.stream()
                .map(one -> new Row(
                        name + with(one),
                        one.getPrimaryResult().getScore(),
                        one.getPrimaryResult().getScoreError(),
                        peerName,
                        peerNanos))
                .toList();
    }

    private static String simpleName(RunResult result) {
        String full = result.getParams().getBenchmark();
        return full.substring(full.lastIndexOf('.') + 1);
    }

    /** The strategy that it was measured with, if there are several. */
    private static String with(RunResult result) {
        String strategy = result.getParams().getParam(LookupBench.STRATEGY);
        return strategy == null ? "" : "-" + strategy;
    }
}
