package kemu.litmus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import kemu.report.Verdict;

/** Collects results: the table, the counts, the SUMMARY line and its JSON twin. */
public final class LitmusReport {
    private static final int SCHEMA = 1;
    private static final int NAME_WIDTH = 56;

    private final String engine;
    private final List<Model> models;
    private final Verdicts expected;
    private final List<LitmusResult> results = new ArrayList<>();
    private final Map<Verdicts.Standing, Integer> standings = new EnumMap<>(Verdicts.Standing.class);
    private int unsupported;
    private int errors;
    private int unknown;
    private int races;

    /** An empty report on the interpreted engine. */
    public LitmusReport(List<Model> models, Verdicts expected) {
        this("interpreted", models, expected);
    }

    /** An empty report on the engine of that name. */
    public LitmusReport(String engine, List<Model> models, Verdicts expected) {
        this.engine = engine;
        this.models = models;
        this.expected = expected;
    }

    /** Takes the next result. */
    public void add(LitmusResult result) {
        results.add(result);
        if (result.problem() != null) {
            errors += result.failed() ? 1 : 0;
            unsupported += result.failed() ? 0 : 1;
            return;
        }
        for (Outcome outcome : result.outcomes().values()) {
            standings.merge(standing(result, outcome), 1, Integer::sum);
            unknown += outcome.observation().equals("Unknown") ? 1 : 0;
            races += outcome.flags().contains("data-race") ? 1 : 0;
        }
    }

    private Verdicts.Standing standing(LitmusResult result, Outcome outcome) {
        return Verdicts.compare(expectation(result), outcome);
    }

    private Verdicts.Expected expectation(LitmusResult result) {
        String file = String.valueOf(result.file().getFileName()).replaceFirst("\\.litmus$", "");
        Verdicts.Expected byFile = expected.of(file);
        return byFile == null ? expected.of(result.name()) : byFile;
    }

    /** Number of results that stand so to what was expected. */
    public int count(Verdicts.Standing standing) {
        return standings.getOrDefault(standing, 0);
    }

    /** FAIL when something forbidden was shown, UNKNOWN when a limit or nothing judged leaves it open. */
    public Verdict verdict() {
        if (count(Verdicts.Standing.UNSOUND) > 0) {
            return Verdict.FAIL;
        }
        boolean open =
                unknown > 0 || errors > 0 || count(Verdicts.Standing.UNKNOWN) > 0 || unsupported == results.size();
        return open ? Verdict.UNKNOWN : Verdict.PASS;
    }

    /** First line of the table. */
    public String header() {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-" + NAME_WIDTH + "s", "test"));
        models.forEach(model -> line.append(String.format(Locale.ROOT, " %-15s", model.label())));
        line.append(expected.isEmpty() ? "" : " expected        standing");
        return line.append(" notes").toString();
    }

    /** One line of the table: verdict and number of states for each model. */
    public String row(LitmusResult result) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%-" + NAME_WIDTH + "s", result.name()));
        if (result.problem() != null) {
            return line.append(" unsupported").toString();
        }
        for (Outcome outcome : result.outcomes().values()) {
            line.append(cell(outcome.observation() + " " + outcome.states().size()));
        }
        Verdicts.Expected told = expectation(result);
        if (!expected.isEmpty()) {
            String states = told == null || told.states() < 0 ? "" : " " + told.states();
            line.append(cell(told == null ? "-" : told.verdict() + states));
            line.append(' ')
                    .append(result.outcomes().values().stream()
                            .map(outcome -> show(standing(result, outcome)))
                            .collect(Collectors.joining(",")));
        }
        result.outcomes().values().stream()
                .flatMap(outcome -> outcome.flags().stream())
                .distinct()
                .forEach(flag -> line.append(' ').append(flag));
        result.outcomes().values().stream()
                .filter(outcome -> outcome.explored() != null)
                .forEach(outcome ->
                        line.append(" executions=").append(outcome.explored().text()));
        boolean cut = result.outcomes().values().stream().anyMatch(Outcome::unrolled);
        return line.append(cut ? " unrolled" : "").toString().stripTrailing();
    }

    private static String cell(String text) {
        return String.format(Locale.ROOT, " %-15s", text);
    }

    private static String show(Verdicts.Standing standing) {
        return switch (standing) {
            case UNSOUND -> "**unsound**";
            case NONE -> "-";
            default -> standing.name().toLowerCase(Locale.ROOT);
        };
    }

    /** The line that scripts read. */
    public String summary(double seconds) {
        return String.format(
                Locale.ROOT,
                "SUMMARY verb=litmus engine=%s model=%s verdict=%s tests=%d agree=%d stronger=%d unsound=%d"
                        + " unsupported=%d errors=%d unknown=%d races=%d elapsed_s=%.3f",
                engine,
                modelNames(),
                verdict(),
                results.size(),
                count(Verdicts.Standing.AGREE),
                count(Verdicts.Standing.STRONGER),
                count(Verdicts.Standing.UNSOUND),
                unsupported,
                errors,
                Math.max(unknown, count(Verdicts.Standing.UNKNOWN)),
                races,
                seconds);
    }

    private String modelNames() {
        return models.stream().map(model -> model.label()).collect(Collectors.joining(","));
    }

    /** Writes {@code run.json}. */
    public void writeJson(Path file, double seconds) throws IOException {
        try (JsonGenerator out = new JsonFactory().createGenerator(Files.newBufferedWriter(file))) {
            out.useDefaultPrettyPrinter();
            out.writeStartObject();
            out.writeNumberField("schema", SCHEMA);
            out.writeStringField("verb", "litmus");
            out.writeStringField("engine", engine);
            out.writeStringField("model", modelNames());
            out.writeStringField("verdict", verdict().name());
            out.writeNumberField("tests", results.size());
            for (Verdicts.Standing standing : Verdicts.Standing.values()) {
                if (standing != Verdicts.Standing.UNKNOWN) {
                    String key = standing == Verdicts.Standing.NONE
                            ? "not_expected"
                            : standing.name().toLowerCase(Locale.ROOT);
                    out.writeNumberField(key, count(standing));
                }
            }
            out.writeNumberField("unsupported", unsupported);
            out.writeNumberField("errors", errors);
            out.writeNumberField("unknown", Math.max(unknown, count(Verdicts.Standing.UNKNOWN)));
            out.writeNumberField("races", races);
            out.writeNumberField("elapsed_s", seconds);
            out.writeArrayFieldStart("results");
            for (LitmusResult result : results) {
                write(out, result);
            }
            out.writeEndArray();
            out.writeEndObject();
        }
    }

    private void write(JsonGenerator out, LitmusResult result) throws IOException {
        out.writeStartObject();
        out.writeStringField("file", result.file().toString());
        out.writeStringField("test", result.name());
        if (result.problem() != null) {
            out.writeStringField("unsupported", result.problem());
        }
        out.writeArrayFieldStart("outcomes");
        for (Map.Entry<Model, Outcome> one : result.outcomes().entrySet()) {
            Outcome outcome = one.getValue();
            out.writeStartObject();
            out.writeStringField("model", one.getKey().label());
            out.writeStringField("observation", outcome.observation());
            out.writeStringField("standing", standing(result, outcome).name().toLowerCase(Locale.ROOT));
            out.writeNumberField("positive", outcome.positive());
            out.writeNumberField("negative", outcome.negative());
            out.writeBooleanField("complete", outcome.complete());
            out.writeBooleanField("unrolled", outcome.unrolled());
            if (outcome.explored() != null) {
                out.writeNumberField("executions", outcome.explored().executions());
                out.writeStringField("search", outcome.explored().search());
                out.writeBooleanField("exhaustive", outcome.explored().exhaustive());
            }
            out.writeNumberField("time_s", result.seconds().get(one.getKey()));
            writeAll(out, "flags", List.copyOf(outcome.flags()));
            writeAll(out, "states", outcome.states());
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void writeAll(JsonGenerator out, String name, List<String> values) throws IOException {
        out.writeArrayFieldStart(name);
        for (String value : values) {
            out.writeString(value);
        }
        out.writeEndArray();
    }
}
