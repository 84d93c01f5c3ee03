package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import kemu.it.Kemu;
import kemu.it.ReadmeCommands;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every option of every verb is used once, in a process of its own; a new option without a line here fails. */
class OptionsIT {
    /** The exit code, then what is typed. */
    private static final List<String> COMMANDS = List.of(
            "0 run kbuild --trace build.log.xz --faults faults.tsv --lenient --seed 7 --out run",
            "0 run kbuild --cpus 1 --memory 256m --swap 64m --copies 2 --repeat 2 --vfork copy",
            "0 run kbuild --machine native --rcu preempt --preempt on --anon-vma local-lock --spinlock mcs",
            "0 run kbuild --pace recorded --duration 500ms --compact 20ms --ksm 100",
            "0 run kbuild --memory 64m --swap 256m --move-stacks --compact 20ms",
            "0 run kbuild --allow gave-up,skipped --poll-before-locks",
            "0 run pagefault --shape private --mode processes --jobs 2 --pages 64 --rounds 3 --vma-lookup spf",
            "0 run threads --threads 3 --mix fork,mremap --pages 16 --rounds 2 --vma-lookup per-vma-refcount",
            "0 run mlock-truncate --processes 2 --threads 2 --pages 48 --rounds 2 --memory 8m"
                    + " --mlock rmap-counted-locked",
            "0 run thp --thp always --processes 2 --threads 2 --ranges 2 --rounds 1 --memory 32m",
            "0 run forkstorm --thp always --khugepaged 512 --processes 40 --memory 64m",
            "0 run ksm --jobs 3 --pages 32 --kinds 4 --scan 200 --merging 2.6.36 --rounds 1",
            "0 run aim7 --children 20 --pages 8 --anon-vmas one --rounds 2 --memory 64m --anon-vma refcount",
            "0 run mprotect --processes 2 --threads 2 --pages 64 --rounds 1 --vma-lookup spf --memory 32m",
            "0 run swap --processes 2 --times 3 --rounds 1 --memory 12m --swap 48m",
            "0 run mix --thp never --processes 2 --threads 2 --pages 32 --steps 300 --weights fork=4,clone=0"
                    + " --memory 16m --swap 64m",
            "0 run migrate --processes 2 --threads 2 --pages 48 --rounds 1 --memory 16m --swap 64m",
            "0 run forkstorm --jobs 2 --processes 40 --vmas 4 --pages 4 --touch 2 --vma-lookup per-vma-lock"
                    + " --mlock last-unmap-pte-lock",
            "0 run kbuild --memory 64m --duration 1s --live --metrics-port 0 --metrics-host 127.0.0.1",
            "0 run kbuild --lock-stat --perfetto run.perfetto.json --perfetto-window 50ms",
            "0 run kbuild --latencies off",
            "0 run kbuild --resume died",
            "1 check --from hung --model tso",
            "0 check rmap-hang-child --model tso --search exhaustive --budget 50s --seed 2 --out out --junit check.xml",
            "0 check rmap-hang-child --anon-vma root-recheck --model weak --search reads-from",
            "0 check rmap-hang-root --anon-vma root-recheck --model weak --search reads-from-random",
            "3 check rmap-hang-child --executions 3 --anon-vma local-lock --spinlock tas --slab-reuse delayed",
            "3 check rmap-hang-child --model weak --preemptions 1 --weaken ticket.LOCK:acquire --executions 3",
            "0 check slab-same-life --variant pin-verify --model tso --counters",
            "0 check rmap-hang-child --plugin plugin --anon-vma own-locking",
            "0 check vma-put-now --vma-lookup spf",
            "0 check bugs --anon-vma root-reread --variant synchronize-rcu",
            "0 run forkstorm --processes 10 --plugin plugin --anon-vma own-locking",
            "0 list strategies --plugin plugin",
            "1 check rmap-hang-child --anon-vma root-reread --perfetto check.perfetto.json",
            "1 replay kemu-out/schedule.kemu --plugin plugin --perfetto replay.perfetto.json",
            "0 inspect kemu-out/dump --plugin plugin",
            "0 inspect kemu-out/dump 'tasks, locks'",
            "0 trace import build.log.xz --faults faults.tsv --lenient -o build.ktrace",
            "0 trace stat build.log.xz --faults faults.tsv --lenient --json stat.json --images 3",
            "0 litmus tests --model sc,tso --expect expected.csv --limit 100000 --unroll 2 --threads 1"
                    + " --out litmus --junit litmus.xml",
            "0 litmus tests --engine kernel --search random --executions 50 --seed 3 --rcu preempt --spinlock mcs",
            "0 litmus tests/SB+mb+mb.litmus --engine kernel --search random --executions 50"
                    + " --weaken ticket.LOCK:acquire",
            "0 litmus MP.litmus --states --trace",
            "0 litmus MP.litmus --plugin plugin",
            "3 litmus --generate generated --limit 1 --threads 2",
            "0 bench plainRead --quick",
            "0 bench check --quick --out bench",
            "0 bench pagefault --quick",
            "0 bench pagefault --cpus 1,2 --duration 3s --repeat 1 --shape private --vma-lookup spf",
            "0 bench aim7 --quick --out walks",
            "0 bench aim7 --children 4,40 --repeat 1 --anon-vma root-recheck",
            "0 bench aim7 --children 4 --repeat 1 --anon-vma own-locking --plugin plugin",
            "0 campaign campaign.yaml --shard 1/2 --out part",
            "3 campaign campaign.yaml --merge part --out campaign",
            "0 campaign campaign.yaml --engine local --parallel 2 --out campaign",
            "1 check rmap-hang-child --anon-vma root-reread --sarif check.sarif",
            "0 check bugs --shard 5/8 --threads 2 --out part-of-bugs",
            "3 check mutants --executions 1 --threads 1 --junit mutants.xml --sarif mutants.sarif",
            "0 report run --html page.html",
            "0 run kbuild --trace build.log.xz --faults faults.tsv --lenient --anon-vma refcount --out refcount",
            "0 compare run refcount --out compared",
            "0 merge run -o merged",
            "0 new strategy mine -o project");

    @TempDir
    private static Path folder;

    @BeforeAll
    static void makeFiles() throws IOException {
        ReadmeCommands.files(folder);
        Path died = Files.createDirectories(folder.resolve("died"));
        Files.writeString(
                died.resolve("counters.jsonl"),
                "{\"elapsed_ms\":0,\"event\":\"start\",\"schema\":2,\"time_ms\":1700000000000,\"workload\":\"kbuild\","
                        + "\"arguments\":[\"run\",\"kbuild\",\"--duration\",\"1s\",\"--out\",\"died\"]}\n");
        Files.writeString(died.resolve("latency.hlog"), "#[Histogram log format version 1.3]\n");
        Files.writeString(
                Files.createDirectories(folder.resolve("hung/dump")).resolve("machine.kemu"),
                "kemu-dump 1\nscenario run\noptions anon_vma=root-reread spinlock=ticket\nscene 0\nframes 0\n");
        Path plugin = folder.resolve("plugin");
        Path services = Files.createDirectories(plugin.resolve("META-INF/services"));
        Files.writeString(services.resolve("kemu.mm.rmap.AnonVmaLockingProvider"), "plugin.example.OwnLocking\n");
        String type = "plugin/example/OwnLocking.class";
        Files.createDirectories(plugin.resolve(type).getParent());
        try (var bytes = OptionsIT.class.getClassLoader().getResourceAsStream(type)) {
            Files.copy(bytes, plugin.resolve(type));
        }
    }

    @TestFactory
    List<DynamicTest> shouldDoWhatTheOptionSays() {
        List<DynamicTest> tests = new ArrayList<>();
        for (String command : COMMANDS) {
            tests.add(DynamicTest.dynamicTest(command, () -> {
                int code = Integer.parseInt(command.substring(0, 1));
                Kemu.Ended ended = Kemu.run(folder, words(command.substring(2)).toArray(new String[0]))
                        .withCode(code);
                assertTrue(command.contains(" list ") || ended.out().contains("SUMMARY "), ended::toString);
                assertTrue(!(ended.out() + ended.err()).contains("\tat "), ended::toString);
            }));
        }
        return tests;
    }

    /** Words as a shell would see them; single quotes keep blanks. */
    private static List<String> words(String command) {
        List<String> words = new ArrayList<>();
        String[] parts = command.split("'");
        for (int i = 0; i < parts.length; i++) {
            words.addAll(
                    i % 2 == 1
                            ? List.of(parts[i])
                            : Arrays.asList(parts[i].strip().split(" ")));
        }
        return words;
    }

    @Test
    void shouldUseEveryOptionOfEveryVerb() {
        TreeSet<String> there = new TreeSet<>();
        collect(Verbs.line(), "", there);
        TreeSet<String> used = new TreeSet<>();
        for (String command : COMMANDS) {
            List<String> words = words(command.substring(2));
            String verb = words.get(0) + (words.get(0).equals("trace") ? " " + words.get(1) : "");
            words.stream().filter(word -> word.startsWith("-")).forEach(word -> used.add(verb + " " + word));
        }
        TreeSet<String> unused = new TreeSet<>(there);
        unused.removeAll(used);
        assertEquals(Set.of(), unused, "options without a command line in this test");
        used.removeAll(there);
        assertEquals(Set.of(), used, "options that no longer exist");
    }

    private static void collect(CommandLine line, String verb, TreeSet<String> options) {
        for (OptionSpec option : line.getCommandSpec().options()) {
            if (!option.usageHelp() && !option.versionHelp()) {
                options.add(verb + " " + option.longestName());
            }
        }
        line.getSubcommands().forEach((name, one) -> collect(one, verb.isEmpty() ? name : verb + " " + name, options));
    }

    /** Help of every verb, in the three ways that people try, and the version. */
    @TestFactory
    List<DynamicTest> shouldHelp() {
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest(
                "--version", () -> Kemu.run(folder, "--version").withCode(0)));
        for (String verb : Verbs.line().getSubcommands().keySet()) {
            if (!verb.equals("help")) {
                tests.add(DynamicTest.dynamicTest("help " + verb, () -> {
                    String help = Kemu.run(folder, "help", verb).withCode(0).out();
                    assertTrue(help.startsWith("Usage: kemu " + verb), help);
                    assertEquals(
                            help, Kemu.run(folder, verb, "--help").withCode(0).out());
                }));
            }
        }
        return tests;
    }
}
