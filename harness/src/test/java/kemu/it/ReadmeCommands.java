package kemu.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.tidy.Repo;
import org.tukaani.xz.XZInputStream;

/**
 * The commands of the README's table, as they stand there. Only sizes are changed, by these rules: hours become two
 * seconds; {@code bench} is given {@code --quick}; {@code check all}, {@code check bugs} and {@code check mutants},
 * which take minutes, stop each search after 30 executions.
 */
public final class ReadmeCommands {
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `(\\./kemu [^`]+)` \\|");

    private ReadmeCommands() {}

    /** What is in the table, from top to bottom, unchanged. */
    static List<String> all() throws IOException {
        List<String> commands = new ArrayList<>();
        Matcher rows = ROW.matcher(Files.readString(Repo.root().resolve("README.md")));
        while (rows.find()) {
            commands.add(rows.group(1));
        }
        return commands;
    }

    /** The arguments of {@code command} by the rules above. */
    static List<String> shortened(String command) {
        String less = command.replaceAll("--duration \\d+h", "--duration 2s");
        if (less.startsWith("./kemu bench")) {
            less += " --quick";
        }
        if (less.matches("\\./kemu check (all|bugs|mutants).*")) {
            less += " --executions 30";
        }
        return List.of(less.substring("./kemu ".length()).split(" "));
    }

    /** Makes the files that the commands name and do not write themselves. */
    public static void files(Path folder) throws IOException {
        Path resources = Repo.root().resolve("harness/src/main/resources");
        Path trace = resources.resolve("kemu/trace");
        Files.copy(trace.resolve("kbuild-small.strace.xz"), folder.resolve("build.log.xz"));
        try (InputStream faults =
                new XZInputStream(Files.newInputStream(trace.resolve("kbuild-small.faults.tsv.xz")))) {
            Files.copy(faults, folder.resolve("faults.tsv"));
        }
        Path tests = Files.createDirectories(folder.resolve("tests"));
        Path corpus = resources.resolve("litmus");
        for (String name : List.of("classic/MP+po+po", "classic/SB+mb+mb", "lock/LOCK-SB", "rcu/RCU-MP+gp+rcu")) {
            Path from = corpus.resolve(name + ".litmus");
            Files.copy(from, tests.resolve(from.getFileName()));
        }
        Files.copy(corpus.resolve("classic/MP+po+po.litmus"), folder.resolve("MP.litmus"));
        Files.copy(corpus.resolve("expected.csv"), folder.resolve("expected.csv"));
        Files.writeString(folder.resolve("campaign.yaml"), """
                name: small
                scenarios: [rmap-hang-child]
                strategies: {anon-vma: [root-recheck]}
                models: [sc, tso]
                """);
    }
}
