package kemu.results;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kemu.option.UsageException;

/** Whether runs did the same work, so that what they took for it can be compared, or added. */
public final class SameWork {
    /** What is compared: strategies that can be plugged in, by their key in a configuration. */
    public static final List<String> STRATEGIES = List.of("anon_vma", "vma_lookup", "mlock", "spinlock");

    /** What runs that are added may differ in: one that was to be longer, or was, has more of the same. */
    public static final List<String> LENGTH = List.of("duration_ms");

    /** What may differ in any case: chance, the build of one version, what weakens no figure. */
    private static final Set<String> FREE = Set.of("seed", "seeds", "commit", "allow", "command");

    /** Options that the configuration has under a key of its own, default or not, or that change no work. */
    private static final Set<String> TOLD_ELSEWHERE = Set.of(
            "--out",
            "--seed",
            "--anon-vma",
            "--vma-lookup",
            "--mlock",
            "--spinlock",
            "--plugin",
            "--allow",
            "--cpus",
            "--memory",
            "--swap",
            "--duration",
            "--machine",
            "--rcu",
            "--preempt",
            "--poll-before-locks",
            "--ksm",
            "--compact",
            "--thp",
            "--khugepaged",
            "--move-stacks",
            "--live",
            "--metrics-port",
            "--metrics-host",
            "--perfetto",
            "--perfetto-window",
            "--resume");

    private SameWork() {}

    /**
     * Throws unless all {@code runs} are of one version, workload and set of options, those under the keys
     * {@code mayDiffer} aside.
     */
    public static void require(List<RunResults> runs, List<String> mayDiffer) {
        RunResults first = runs.getFirst();
        Set<Path> folders = new HashSet<>();
        for (RunResults run : runs) {
            if (!folders.add(run.folder().toAbsolutePath().normalize())) {
                throw new UsageException(run.folder() + ": given twice (allowed: each run once)");
            }
            if (run.configuration().isEmpty()) {
                throw new UsageException(run.folder()
                        + ": nothing there tells what was asked for (allowed: runs of this" + " version of kemu)");
            }
            Set<String> keys = new LinkedHashSet<>(first.configuration().keySet());
            keys.addAll(run.configuration().keySet());
            keys.removeAll(FREE);
            mayDiffer.forEach(keys::remove);
            for (String key : keys) {
                Object one = first.configuration().get(key);
                Object other = run.configuration().get(key);
                if (!Objects.equals(one, other)) {
                    throw differ(first, run, key, one, other, mayDiffer);
                }
            }
            if (!options(first).equals(options(run))) {
                throw differ(first, run, "command", options(first), options(run), mayDiffer);
            }
        }
    }

    private static UsageException differ(
            RunResults first, RunResults run, String key, Object one, Object other, List<String> mayDiffer) {
        return new UsageException(run.folder() + ": " + key + " is " + other + ", of " + first.folder() + " it is "
                + one + " (allowed: runs that differ in "
                + String.join(", ", mayDiffer) + ", seed)");
    }

    /** The words of the command, without options that are told elsewhere. */
    private static Set<String> options(RunResults run) {
        List<String> words = new ArrayList<>();
        if (run.configuration().get("command") instanceof List<?> command) {
            command.forEach(word -> words.add(String.valueOf(word)));
        }
        Set<String> options = new LinkedHashSet<>();
        String option = "";
        for (String word : words) {
            if (word.startsWith("--")) {
                option = word.replaceFirst("=.*", "");
            }
            if (!TOLD_ELSEWHERE.contains(option)) {
                options.add(word.startsWith("--") ? word.replaceFirst("=", " ") : (option + " " + word).strip());
            }
            if (!word.startsWith("--")) {
                option = "";
            }
        }
        // An option whose value is there, too.
        options.removeIf(word -> word.startsWith("--") && options.stream().anyMatch(one -> one.startsWith(word + " ")));
        return options;
    }

    /** A name for each run: the strategies in which they differ; where that tells no two apart, the folder, too. */
    public static List<String> names(List<RunResults> runs) {
        List<String> differing = STRATEGIES.stream()
                .filter(key -> runs.stream()
                                .map(run -> String.valueOf(run.configuration().get(key)))
                                .distinct()
                                .count()
                        > 1)
                .toList();
        List<String> names = new ArrayList<>();
        for (RunResults run : runs) {
            Map<String, Object> asked = run.configuration();
            names.add(String.join(
                    " ",
                    differing.stream()
                            .map(key -> String.valueOf(asked.get(key)))
                            .toList()));
        }
        boolean distinct = names.stream().distinct().count() == names.size();
        List<String> told = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            String folder = String.valueOf(runs.get(i).folder());
            told.add(distinct && !names.get(i).isEmpty() ? names.get(i) : (names.get(i) + " " + folder).strip());
        }
        return told;
    }
}
