package kemu.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** An option that several verbs have is declared once: one field of one class, with one description and one check. */
class OptionsOnceTest {
    private static final String SEVERAL = "of run one; of bench pagefault several, to compare";
    private static final String EACH = "of run the run's; of bench pagefault each cell's, with another default";

    /** Options of one name that mean different things, and why they keep it. */
    private static final Map<String, String> DIFFERENT = Map.ofEntries(
            Map.entry(
                    "--trace",
                    "of run the recording to replay, as the kernel's own tools call it; of litmus a story to tell"),
            Map.entry("--threads", "of run those of an emulated process; of litmus and check those of the host"),
            Map.entry("--cpus", SEVERAL),
            Map.entry("--vma-lookup", SEVERAL),
            Map.entry("--anon-vma", "of run and check one; of bench aim7 several, to compare"),
            Map.entry("--duration", EACH),
            Map.entry("--repeat", EACH),
            Map.entry("--shape", EACH),
            Map.entry("--children", "of run aim7 one number; of bench aim7 several, to compare"),
            Map.entry("-o", "of trace import a file; of new and merge a folder"),
            Map.entry("--engine", "of campaign where shards run; of litmus what judges a test"));

    /** Where each option is declared, by its name and then by the verb. */
    private static Map<String, Map<String, Object>> declared(CommandLine line) {
        Map<String, Map<String, Object>> found = new TreeMap<>();
        collect(line, found);
        return found;
    }

    private static void collect(CommandLine line, Map<String, Map<String, Object>> found) {
        for (OptionSpec option : line.getCommandSpec().options()) {
            if (!option.usageHelp() && !option.versionHelp()) {
                for (String name : option.names()) {
                    found.computeIfAbsent(name, none -> new TreeMap<>())
                            .put(line.getCommandSpec().qualifiedName(" "), option.userObject());
                }
            }
        }
        line.getSubcommands().values().forEach(one -> collect(one, found));
    }

    private static Map<String, Map<String, Object>> severally(CommandLine line) {
        Map<String, Map<String, Object>> found = declared(line);
        found.values().removeIf(verbs -> Set.copyOf(verbs.values()).size() == 1);
        return found;
    }

    @Test
    void shouldDeclareAnOptionOnce() {
        Map<String, Map<String, Object>> several = severally(Verbs.line());
        assertEquals(new TreeSet<>(DIFFERENT.keySet()), several.keySet(), several::toString);
    }

    @Test
    void shouldShareWhatVerbsHaveInCommon() {
        List<String> shared = new ArrayList<>();
        declared(Verbs.line()).forEach((name, verbs) -> {
            if (verbs.size() > 1) {
                shared.add(name);
            }
        });
        assertTrue(
                shared.containsAll(List.of(
                        "--anon-vma",
                        "--executions",
                        "--faults",
                        "--junit",
                        "--lenient",
                        "--model",
                        "--out",
                        "--plugin",
                        "--rcu",
                        "--search",
                        "--seed",
                        "--spinlock",
                        "--weaken")),
                shared::toString);
    }

    /** Two verbs that share one option and have another each for themselves. */
    @Command(
            name = "root",
            subcommands = {First.class, Second.class})
    private static final class Root {}

    @Command(name = "first")
    @SuppressWarnings("unused") // picocli fills the fields
    private static final class First {
        @Mixin
        SeedOption seed = new SeedOption();

        @Option(names = "--twice")
        int twice;
    }

    @Command(name = "second")
    @SuppressWarnings("unused") // picocli fills the fields
    private static final class Second {
        @Mixin
        SeedOption seed = new SeedOption();

        @Option(names = "--twice")
        int twice;
    }

    @Test
    void shouldSeeWhatIsDeclaredTwice() {
        CommandLine line = new CommandLine(new Root());
        assertEquals(Set.of("--twice"), severally(line).keySet());
        assertEquals(Set.of("--seed", "--twice"), declared(line).keySet());
    }
}
