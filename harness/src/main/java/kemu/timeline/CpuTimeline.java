package kemu.timeline;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kemu.hw.cpu.LatencySink;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.machine.NativeMachine;
import kemu.locks.LockTimes;
import kemu.locks.LockWitness;
import kemu.option.UsageException;
import kemu.perfetto.TraceFlow;
import kemu.perfetto.TraceWriter;

/** The last moments of a native run: a ring for each CPU, and the trace that is made of them. */
public final class CpuTimeline {
    /** Of all CPUs together: 32 MiB, and a file of some hundred. */
    private static final int MOST_RECORDS = 1 << 20;
    /** More than a CPU makes in a millisecond on the hosts that were tried. */
    private static final long RECORDS_PER_MILLI = 4_000;

    private static final int FEWEST_RECORDS = 1 << 12;
    private static final double MILLIS = 1e6;

    private final NativeMachine machine;
    private final long windowNanos;
    private final List<CpuRecorder> recorders = new ArrayList<>();
    private final List<Ring> rings = new ArrayList<>();

    /** Of {@code machine}, which has not started; at most the last {@code windowMillis} are drawn. */
    public CpuTimeline(NativeMachine machine, long windowMillis) {
        this.machine = machine;
        windowNanos = windowMillis * 1_000_000;
        long most = Math.max(FEWEST_RECORDS, MOST_RECORDS / machine.cpus());
        int records = (int) Math.min(most, Math.max(FEWEST_RECORDS, windowMillis * RECORDS_PER_MILLI));
        try {
            for (int i = 0; i < machine.cpus(); i++) {
                rings.add(new Ring(Integer.highestOneBit(records)));
                recorders.add(new CpuRecorder(machine.cpu(i), rings.get(i)));
            }
        } catch (OutOfMemoryError full) {
            throw new UsageException(
                    "--perfetto-window: this host has no memory for it (allowed: shorter, or fewer CPUs)");
        }
    }

    /** Who is told of the locks of CPU {@code id}. */
    public LockTimes locks(int id) {
        return recorders.get(id).locks();
    }

    /** CPU {@code id} tells what it does; latencies go to {@code latencies} as well. */
    public void attach(int id, LatencySink latencies) {
        recorders.get(id).attach();
        machine.cpu(id).attach(recorders.get(id).operations(latencies));
    }

    /** The run is over: what comes now is not recorded. Any thread. */
    public void freeze() {
        rings.forEach(Ring::freeze);
    }

    /**
     * Writes {@code file}. Machine at rest.
     *
     * @param title what ran
     * @param failure what it stopped of; empty if nothing was wrong
     * @param locks of each CPU
     * @param endNanos when the run ended, {@link System#nanoTime}
     */
    public void write(Path file, String title, String failure, List<LockWitness> locks, long endNanos)
            throws IOException {
        List<CpuHistory> cpus = new ArrayList<>();
        Map<String, String> about = new LinkedHashMap<>();
        about.put("title", title);
        about.put("time", "of the host's clock; a CPU whose thread the host takes away stands still");
        about.put("failure", failure);
        long zero = Long.MAX_VALUE;
        for (int i = 0; i < machine.cpus(); i++) {
            long begin = Math.max(endNanos - windowNanos, rings.get(i).completeFrom());
            zero = Math.min(zero, begin);
            about.put(
                    "CPU#" + i,
                    String.format(Locale.ROOT, "the last %.3f ms are complete", (endNanos - begin) / MILLIS));
        }
        for (int i = 0; i < machine.cpus(); i++) {
            NativeCpu cpu = machine.cpu(i);
            long begin = Math.max(endNanos - windowNanos, rings.get(i).completeFrom());
            CpuHistory history = new CpuHistory(cpu, begin, endNanos, zero);
            rings.get(i).read(history::learn);
            rings.get(i).read(history::take);
            history.end(recorders.get(i));
            locks.get(i).open(cpu, history::open);
            cpus.add(history);
        }
        List<TraceFlow> flows = Arrows.of(cpus);
        TraceWriter.write(file, about, to -> {
            for (CpuHistory one : cpus) {
                to.process(one.name());
                to.tracks(
                        one.spans(),
                        flows.stream().filter(flow -> flow.cpu() == one.id()).toList());
                to.marks(one.marks());
            }
            to.process("RCU");
            to.tracks(GraceSpans.of(cpus), List.of());
            if (!failure.isEmpty()) {
                to.failure(
                        failure.lines().findFirst().orElse(""), cpus.getFirst().end());
            }
        });
    }
}
