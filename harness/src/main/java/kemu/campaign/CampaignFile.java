package kemu.campaign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.option.Sizes;
import picocli.CommandLine.TypeConversionException;

/**
 * Reads the file of a campaign: keys, and the matrix that they span. What the commands of the cells make of names and
 * values is for them to say; {@link Campaign#lines} says which line to blame.
 */
public final class CampaignFile {
    private static final int MOST_CELLS = 10_000;
    private static final long SHORTEST_LIMIT_MILLIS = 60_000;
    private static final long USUAL_LIMIT_MILLIS = 600_000;

    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,39}");
    private static final Pattern RANGE = Pattern.compile("(-?\\d{1,18})(?:\\.\\.(-?\\d{1,18}))?");

    private static final List<String> OF_CHECKS =
            List.of("variants", "models", "search", "executions", "preemptions", "budget");
    private static final List<String> KEYS = List.of(
            "name",
            "scenarios",
            "workloads",
            "strategies",
            "variants",
            "models",
            "seeds",
            "search",
            "executions",
            "preemptions",
            "budget",
            "duration",
            "options",
            "plugins",
            "shards",
            "limit",
            "retries",
            "heap",
            "slurm",
            "kubernetes");
    private static final List<String> FAMILIES =
            List.of("anon-vma", "vma-lookup", "mlock", "spinlock", "rcu", "slab-reuse");

    private final Path file;
    private final YamlMap yaml;
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    /** Part of a command that some axis of the matrix adds: what it is called, and what is typed. */
    private record Choice(String name, List<String> words) {}

    private CampaignFile(Path file, YamlMap yaml) {
        this.file = file;
        this.yaml = yaml;
    }

    /** Reads {@code file}; a mistake is a {@link kemu.option.UsageException} that names file, line and key. */
    public static Campaign read(Path file) {
        YamlMap yaml = YamlMap.read(file);
        yaml.requireKeys(KEYS);
        return new CampaignFile(file, yaml).campaign();
    }

    private Campaign campaign() {
        String name = yaml.text("name");
        if (name == null || !NAME.matcher(name).matches()) {
            throw yaml.mistake(
                    "name",
                    (name == null ? "is missing" : "'" + name + "'")
                            + " (allowed: small letters, digits and dashes, at most 40, a letter first)");
        }
        List<CampaignCell> cells = cells();
        int shards = yaml.number("shards", cells.size(), 1, cells.size());
        YamlMap slurm = yaml.map("slurm");
        if (slurm != null) {
            slurm.requireKeys(List.of("options"));
        }
        return new Campaign(
                name,
                file.toAbsolutePath().normalize(),
                List.copyOf(cells),
                shards,
                limitMillis(),
                yaml.number("retries", 1, 0, 100),
                heap(),
                slurm == null ? List.of() : slurm.list("options"),
                kubernetes(),
                Map.copyOf(lines));
    }

    private Campaign.Kubernetes kubernetes() {
        YamlMap map = yaml.map("kubernetes");
        if (map == null) {
            return null;
        }
        map.requireKeys(List.of("image", "namespace", "claim"));
        for (String needed : List.of("image", "claim")) {
            if (!map.has(needed)) {
                throw yaml.mistake("kubernetes", needed + " is missing");
            }
        }
        return new Campaign.Kubernetes(map.text("image"), map.text("namespace"), map.text("claim"));
    }

    private String heap() {
        Long bytes = convert("heap", new Sizes.Bytes()::convert);
        return bytes == null ? null : Long.toString(bytes);
    }

    private long limitMillis() {
        Long given = convert("limit", new Sizes.Millis()::convert);
        Long work = convert(yaml.has("workloads") ? "duration" : "budget", new Sizes.Millis()::convert);
        return given != null ? given : work == null ? USUAL_LIMIT_MILLIS : 2 * work + SHORTEST_LIMIT_MILLIS;
    }

    private interface Conversion {
        Long of(String text);
    }

    private Long convert(String key, Conversion conversion) {
        String text = yaml.text(key);
        try {
            return text == null ? null : conversion.of(text);
        } catch (TypeConversionException wrong) {
            throw yaml.mistake(key, wrong.getMessage());
        }
    }

    private List<CampaignCell> cells() {
        boolean checks = yaml.has("scenarios");
        if (checks == yaml.has("workloads")) {
            throw yaml.mistake(
                    checks ? "workloads" : "scenarios",
                    checks ? "beside scenarios (allowed: one of both)" : "is missing (or workloads)");
        }
        for (String key : checks ? List.of("duration") : OF_CHECKS) {
            if (yaml.has(key)) {
                throw yaml.mistake(key, "is of " + (checks ? "workloads" : "scenarios") + " only");
            }
        }
        String subjects = checks ? "scenarios" : "workloads";
        lines.put("", yaml.line(subjects));
        List<List<Choice>> strategies = new ArrayList<>(strategies());
        strategies.add(axis("variants", "--variant"));
        List<Choice> rows = new ArrayList<>();
        for (String subject : yaml.list(subjects)) {
            rows.add(new Choice(subject, List.of(checks ? "check" : "run", subject)));
        }
        for (List<Choice> axis : strategies) {
            rows = product(rows, axis, " ");
        }
        List<Choice> seeds = seeds();
        List<Choice> models = axis("models", "--model");
        if ((long) rows.size() * models.size() * seeds.size() > MOST_CELLS) {
            throw yaml.mistake(
                    subjects,
                    (long) rows.size() * models.size() * seeds.size() + " cells (allowed: at most " + MOST_CELLS + ")");
        }
        List<String> common = common();
        List<CampaignCell> cells = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Choice row : rows) {
            for (Choice model : models) {
                for (Choice seed : seeds) {
                    cells.add(cell(row, model, seed, common, ids));
                }
            }
        }
        return cells;
    }

    private CampaignCell cell(Choice row, Choice model, Choice seed, List<String> common, Set<String> ids) {
        String id = row.name.replace(' ', '.')
                + (model.name.isEmpty() ? "" : "." + model.name)
                + (seed.name.isEmpty() ? "" : ".s" + seed.name);
        String plain = id.replaceAll("[^A-Za-z0-9._-]", "_");
        if (!ids.add(plain)) {
            throw yaml.mistake("name", "two cells are " + plain + " (allowed: every value of a list once)");
        }
        List<String> arguments = new ArrayList<>(row.words);
        arguments.addAll(model.words);
        arguments.addAll(seed.words);
        arguments.addAll(common);
        return new CampaignCell(plain, row.name, model.name, List.copyOf(arguments));
    }

    private static List<Choice> product(List<Choice> rows, List<Choice> axis, String between) {
        List<Choice> all = new ArrayList<>();
        for (Choice row : rows) {
            for (Choice one : axis) {
                List<String> words = new ArrayList<>(row.words);
                words.addAll(one.words);
                all.add(new Choice(one.name.isEmpty() ? row.name : row.name + between + one.name, words));
            }
            if (all.size() > MOST_CELLS) {
                return all;
            }
        }
        return all;
    }

    private List<List<Choice>> strategies() {
        YamlMap families = yaml.map("strategies");
        if (families == null) {
            return List.of();
        }
        families.requireKeys(FAMILIES);
        List<List<Choice>> axes = new ArrayList<>();
        for (String family : families.keys()) {
            axes.add(axis(families, family, "--" + family));
        }
        return axes;
    }

    private List<Choice> axis(String key, String option) {
        return axis(yaml, key, option);
    }

    /** The values of {@code key} as choices of {@code option}; the one choice of nothing if it is not given. */
    private List<Choice> axis(YamlMap map, String key, String option) {
        if (!map.has(key)) {
            return List.of(new Choice("", List.of()));
        }
        lines.put(option, map.line(key));
        return map.list(key).stream()
                .map(value -> new Choice(value, List.of(option, value)))
                .toList();
    }

    private List<Choice> seeds() {
        if (!yaml.has("seeds")) {
            return List.of(new Choice("", List.of()));
        }
        lines.put("--seed", yaml.line("seeds"));
        List<Choice> seeds = new ArrayList<>();
        for (String text : yaml.list("seeds")) {
            Matcher range = RANGE.matcher(text);
            if (!range.matches()) {
                throw yaml.mistake("seeds", "'" + text + "' (allowed: a whole number, or a range such as 1..100)");
            }
            long first = Long.parseLong(range.group(1));
            long last = range.group(2) == null ? first : Long.parseLong(range.group(2));
            if (last < first || last - first >= MOST_CELLS) {
                throw yaml.mistake("seeds", "'" + text + "' (allowed: 1 to " + MOST_CELLS + " seeds)");
            }
            for (long seed = first; seed <= last; seed++) {
                seeds.add(new Choice(Long.toString(seed), List.of("--seed", Long.toString(seed))));
            }
        }
        return seeds;
    }

    /** What all commands have. */
    private List<String> common() {
        List<String> words = new ArrayList<>();
        for (String key : List.of("search", "executions", "preemptions", "budget", "duration")) {
            if (yaml.has(key)) {
                lines.put("--" + key, yaml.line(key));
                words.addAll(List.of("--" + key, yaml.text(key)));
            }
        }
        for (String word : yaml.list("options")) {
            if (word.matches("--(out|resume|junit|sarif|perfetto|plugin)(=.*)?")) {
                throw yaml.mistake("options", "'" + word + "' is not for a campaign, which says where files go");
            }
            words.add(word);
            if (word.startsWith("--")) {
                lines.putIfAbsent(word.replaceFirst("=.*", ""), yaml.line("options"));
            }
        }
        for (String jar : yaml.list("plugins")) {
            lines.put("--plugin", yaml.line("plugins"));
            // Paths are meant from where the file is: shards run elsewhere.
            Path folder = file.toAbsolutePath().getParent();
            words.addAll(List.of("--plugin", folder.resolve(jar).normalize().toString()));
        }
        return words;
    }
}
