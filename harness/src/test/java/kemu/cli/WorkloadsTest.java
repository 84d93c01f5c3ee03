package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import kemu.hw.cpu.Tags;
import kemu.mm.Kernel;
import kemu.option.UsageException;
import kemu.workload.Counts;
import kemu.workload.Workload;
import kemu.workload.WorkloadProvider;
import kemu.workload.Workloads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** A workload owns its name, its description, its options and its latency series; everybody else asks the table. */
class WorkloadsTest {
    private static List<String> names() {
        return Workloads.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void shouldBeListedHelpedAndNamedInMistakes(String name) {
        WorkloadProvider one = Workloads.named(name);
        String list = InProcess.execute("list", "workloads").out();
        assertTrue(list.contains(name) && list.contains(one.description()), list);
        assertTrue(list.contains(String.join(" ", one.latencies())), list);
        String help = InProcess.execute("run", "--help").out();
        assertTrue(help.replaceAll("\\s+", " ").contains(String.join(", ", Workloads.names())), help);
        for (CommandLine.Model.OptionSpec option :
                CommandSpec.forAnnotatedObjectLenient(one).options()) {
            assertTrue(help.contains(option.longestName()), help);
        }
        String mistake = InProcess.execute("run", "nonsense").err();
        assertTrue(mistake.contains(name), mistake);
    }

    /** Whatever a run records is either the kernel's own doing, or what the workload says that it asks for. */
    @ParameterizedTest
    @MethodSource("names")
    void shouldRecordTheSeriesItNames(String name) {
        String report = InProcess.execute("run", name, "--duration", "2s", "--memory", "256m")
                .out();
        Set<String> recorded = new TreeSet<>();
        boolean table = false;
        for (String line : report.lines().toList()) {
            String first = line.split(" ")[0];
            table &= Tags.names().contains(first);
            if (table) {
                recorded.add(first);
            }
            table |= line.startsWith("latency (us)");
        }
        assertTrue(Tags.names().containsAll(Workloads.named(name).latencies()), Tags.names()::toString);
        recorded.removeAll(Workloads.KERNEL_SERIES);
        recorded.removeAll(Workloads.HOST_SERIES);
        assertFalse(recorded.isEmpty(), report);
        recorded.removeAll(Workloads.named(name).latencies());
        assertEquals(Set.of(), recorded, report);
    }

    @Test
    void shouldKnowEverySeriesOfTheKernel() {
        for (String name : names()) {
            assertEquals(
                    0,
                    InProcess.execute("run", name, "--duration", "1s", "--memory", "256m")
                            .code());
        }
        List<String> unclaimed = new ArrayList<>(Tags.names());
        unclaimed.removeAll(Workloads.KERNEL_SERIES);
        unclaimed.removeAll(Workloads.HOST_SERIES);
        Workloads.all().forEach(one -> unclaimed.removeAll(one.latencies()));
        assertEquals(List.of(), unclaimed, "series that no workload names");
        assertTrue(Tags.names().containsAll(Workloads.KERNEL_SERIES));
    }

    /** A workload of somebody else, with an option that another one has as well. */
    private static class Crowd implements WorkloadProvider {
        @Option(names = "--size", defaultValue = "7", description = "how many")
        int size;

        @Override
        public String name() {
            return "crowd";
        }

        @Override
        public String description() {
            return "many";
        }

        @Override
        public List<String> latencies() {
            return List.of();
        }

        @Override
        public void check(boolean timed) {
            // Any size will do.
        }

        @Override
        public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
            throw new IllegalStateException("not run");
        }
    }

    private static final class Queue extends Crowd {
        @Option(names = "--orderly", description = "one by one")
        boolean orderly;

        @Option(names = "--names", split = ",", description = "who comes")
        List<String> names = List.of();

        @Override
        public String name() {
            return "queue";
        }
    }

    private static final Crowd CROWD = new Crowd();

    @Test
    void shouldHelpWithWhatEachMeans() {
        CommandSpec run = CommandSpec.create().name("run");
        WorkloadArguments.addTo(run, List.of(CROWD, new Queue()));
        assertEquals(
                List.of("crowd: how many", "queue: how many"),
                List.of(run.findOption("--size").description()));
        assertEquals(
                List.of("queue: one by one"),
                List.of(run.findOption("--orderly").description()));
    }

    private static ParseResult typed(Queue queue, String... words) {
        CommandSpec run = CommandSpec.create().name("run");
        WorkloadArguments.addTo(run, List.of(CROWD, queue));
        return new CommandLine(run).parseArgs(words);
    }

    @Test
    void shouldLetTwoWorkloadsHaveAnOptionOfOneName() {
        Queue queue = new Queue();
        List<WorkloadProvider> all = List.of(CROWD, queue);
        WorkloadArguments.give(queue, all, typed(queue, "--size", "9", "--orderly", "--names", "ann,bob"));
        assertEquals(9, queue.size);
        assertTrue(queue.orderly);
        assertEquals(List.of("ann", "bob"), queue.names);
        Queue quiet = new Queue();
        WorkloadArguments.give(quiet, all, typed(quiet));
        assertEquals(7, quiet.size);
        assertFalse(quiet.orderly);
        UsageException foreign = assertThrows(
                UsageException.class, () -> WorkloadArguments.give(CROWD, all, typed(queue, "--names", "ann")));
        assertEquals("--names: not for crowd (allowed beside what all workloads take: --size)", foreign.getMessage());
        ParameterException many = assertThrows(
                ParameterException.class, () -> WorkloadArguments.give(CROWD, all, typed(queue, "--size", "many")));
        assertTrue(many.getMessage().contains("'many'"), many.getMessage());
    }
}
