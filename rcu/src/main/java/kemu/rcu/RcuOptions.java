package kemu.rcu;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.function.Consumer;
import kemu.hw.machine.MachineConfig;

/**
 * How RCU is booted. Its withers are generated, so that one more option is one more component and its default.
 *
 * @param flavor name of the flavour ({@code kemu.rcu.flavors.RcuFlavors})
 * @param background whether boot starts the grace-period thread and hooks the tick; without it a scenario runs
 *     {@link Rcu#runGracePeriods} and {@link Rcu#advance} where it wants them
 * @param leafFanout CPUs per leaf of the node tree, 2 to 64
 * @param fanout children per inner node, 2 to 64
 * @param firstFqsJiffies ticks from the start of a grace period to the first look for idle CPUs, 0 for at once
 * @param nextFqsJiffies ticks between later looks; 0 where there are no ticks: then the thread does not sleep but waits
 *     for a report, and a CPU that the grace period waits for reports when it begins to idle
 * @param schedQsJiffies age of a grace period at which CPUs that hold it up are asked to reschedule
 * @param stallJiffies age of a grace period at which a stall is reported
 * @param batch callbacks invoked in a row while few are waiting
 * @param qhimark callbacks on one CPU, since the last push, that make a flood: call_rcu itself gets a grace period
 *     going
 * @param stallSink takes the lines of a stall report, on the CPU that noticed; what it throws halts the machine
 */
@RecordBuilder
public record RcuOptions(
        String flavor,
        boolean background,
        int leafFanout,
        int fanout,
        long firstFqsJiffies,
        long nextFqsJiffies,
        long schedQsJiffies,
        long stallJiffies,
        int batch,
        long qhimark,
        Consumer<String> stallSink)
        implements RcuOptionsBuilder.With {
    /** The kernel's default: 21 s. */
    public static final long STALL_JIFFIES = 21L * MachineConfig.HZ;

    /** The kernel's default of {@code rcutree.qhimark}. */
    public static final long QHIMARK = 10_000;

    /** Checks ranges. */
    public RcuOptions {
        check("leafFanout", leafFanout, 2, 64);
        check("fanout", fanout, 2, 64);
        check("firstFqsJiffies", firstFqsJiffies, 0, MachineConfig.HZ);
        check("nextFqsJiffies", nextFqsJiffies, 0, MachineConfig.HZ);
        check("schedQsJiffies", schedQsJiffies, 1, 60L * MachineConfig.HZ);
        check("stallJiffies", stallJiffies, 1, 300L * MachineConfig.HZ);
        check("batch", batch, 1, Integer.MAX_VALUE);
        check("qhimark", qhimark, 0, Integer.MAX_VALUE);
    }

    private static void check(String what, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(what + ": " + value + " (allowed: " + least + ".." + most + ")");
        }
    }

    /** Sched flavour, in the background, with the kernel's tree; stall reports go nowhere but are counted. */
    public static RcuOptions defaults() {
        return new RcuOptions(
                "sched", true, 16, 64, 0, 1, MachineConfig.HZ / 10, STALL_JIFFIES, 100, QHIMARK, line -> {});
    }

    /** The same for a machine without ticks: no background work, and the grace-period thread needs none. */
    public RcuOptions withoutTicks() {
        return withBackground(false).withNextFqsJiffies(0);
    }

    /** The same with another shape of the node tree. */
    public RcuOptions withFanout(int leaf, int inner) {
        return withLeafFanout(leaf).withFanout(inner);
    }

    /** The same with other stall reporting. */
    public RcuOptions withStall(long jiffies, Consumer<String> sink) {
        return withStallJiffies(jiffies).withStallSink(sink);
    }
}
