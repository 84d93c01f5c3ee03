package kemu.litmus;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import kemu.host.SafeFiles;
import kemu.report.JUnitXml;
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
    private int refused;
    private int empty;
    private boolean interrupted;
    private int unread;
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
        if (result.failed()) {
            errors++;
            return;
        }
        if (result.problem() != null || !result.refusals().isEmpty()) {
            Verdicts.Standing standing = Verdicts.refused(expectation(result));
            unsupported++;
            refused += standing == Verdicts.Standing.AGREE ? 0 : 1;
            if (result.problem() != null && standing == Verdicts.Standing.AGREE) {
                standings.merge(standing, models.size(), Integer::sum);
            }
        }
        for (LitmusOutcome outcome : result.outcomes().values()) {
            standings.merge(standing(result, outcome), 1, Integer::sum);
            unknown += outcome.observation().equals("Unknown") ? 1 : 0;
            empty += isEmpty(outcome) ? 1 : 0;
            races += outcome.flags().contains("data-race") ? 1 : 0;
        }
    }

    /** Whether there is no execution to speak of, and nobody expected that: a deadlock, or a filter for nothing. */
    private static boolean isEmpty(LitmusOutcome outcome) {
        return outcome.complete() && outcome.positive() + outcome.negative() == 0;
    }

    private Verdicts.Standing standing(LitmusResult result, LitmusOutcome outcome) {
        return Verdicts.compare(expectation(result), outcome);
    }

    private Verdicts.Expected expectation(LitmusResult result) {
        Verdicts.Expected byFile = expected.of(result.fileName());
        return byFile == null ? expected.of(result.name()) : byFile;
    }

    /** Number of results that stand so to what was expected. */
    public int count(Verdicts.Standing standing) {
        return standings.getOrDefault(standing, 0);
    }

    /** The run was ended before all tests were judged. */
    public void interrupted() {
        interrupted = true;
    }

    /** So many folders could not be read: tests may be missing. */
    public void unread(int folders) {
        unread = folders;
    }

    /** What was taken so far. */
    public List<LitmusResult> results() {
        return results;
    }

    /**
     * FAIL when something forbidden was shown; UNKNOWN when something is left open: by a limit, by a signal, by a
     * folder that cannot be read, by a test that was not understood (unless that was expected) or that has no execution
     * at all.
     */
    public Verdict verdict() {
        if (count(Verdicts.Standing.UNSOUND) > 0) {
            return Verdict.FAIL;
        }
        boolean agreed = !expected.isEmpty() && count(Verdicts.Standing.UNKNOWN) == 0;
        boolean open = unknown > 0
                || errors > 0
                || refused > 0
                || empty > 0 && !agreed
                || interrupted
                || unread > 0
                || count(Verdicts.Standing.UNKNOWN) > 0
                || results.isEmpty();
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
        for (Model model : models) {
            LitmusOutcome outcome = result.outcomes().get(model);
            line.append(cell(
                    outcome == null
                            ? Verdicts.UNSUPPORTED
                            : outcome.observation() + " " + outcome.states().size()));
        }
        Verdicts.Expected told = expectation(result);
        if (!expected.isEmpty()) {
            String states = told == null || told.states() < 0 ? "" : " " + told.states();
            line.append(cell(told == null ? "-" : told.verdict() + states));
            line.append(' ')
                    .append(models.stream()
                            .map(model -> result.outcomes().get(model))
                            .map(outcome ->
                                    outcome == null ? show(Verdicts.refused(told)) : show(standing(result, outcome)))
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
        boolean cut = result.outcomes().values().stream().anyMatch(LitmusOutcome::unrolled);
        return line.append(cut ? " unrolled" : "").toString().stripTrailing();
    }

    /** Whether anything is expected. */
    public boolean expects() {
        return !expected.isEmpty();
    }

    /** A case for each test and model. */
    public List<JUnitXml.Case> cases() {
        List<JUnitXml.Case> cases = new ArrayList<>();
        for (LitmusResult result : results) {
            for (Model model : models) {
                cases.add(toCase(result, model));
            }
        }
        return cases;
    }

    private JUnitXml.Case toCase(LitmusResult result, Model model) {
        String group = "litmus." + model.label();
        double seconds = result.seconds().getOrDefault(model, 0.0);
        LitmusOutcome outcome = result.outcomes().get(model);
        if (outcome == null) {
            String why = result.problem() != null
                    ? result.problem()
                    : result.refusals().get(model);
            JUnitXml.Kind kind = result.failed()
                    ? JUnitXml.Kind.ERROR
                    : Verdicts.refused(expectation(result)) == Verdicts.Standing.AGREE
                            ? JUnitXml.Kind.PASSED
                            : JUnitXml.Kind.SKIPPED;
            return new JUnitXml.Case(group, result.name(), seconds, kind, why, null);
        }
        Verdicts.Standing standing = standing(result, outcome);
        boolean open = !outcome.complete() || isEmpty(outcome) || standing == Verdicts.Standing.UNKNOWN;
        JUnitXml.Kind kind = standing == Verdicts.Standing.UNSOUND
                ? JUnitXml.Kind.FAILURE
                : standing != Verdicts.Standing.AGREE && open ? JUnitXml.Kind.SKIPPED : JUnitXml.Kind.PASSED;
        Verdicts.Expected told = expectation(result);
        String message = outcome.observation() + ", " + outcome.states().size() + " states"
                + (told == null ? "" : "; expected " + told.verdict())
                + (outcome.flags().isEmpty() ? "" : "; " + String.join(", ", outcome.flags()));
        return new JUnitXml.Case(group, result.name(), seconds, kind, message, String.join("\n", outcome.states()));
    }

    /** Lines that name what was left open, for the end of a run over many tests; empty if nothing was. */
    public List<String> leftOpen() {
        List<String> lines = new ArrayList<>();
        for (LitmusResult result : results) {
            for (Map.Entry<Model, LitmusOutcome> one : result.outcomes().entrySet()) {
                String which = result.name() + " (" + one.getKey().label() + ")";
                if (!one.getValue().complete()) {
                    lines.add("given up at the limit: " + which);
                } else if (isEmpty(one.getValue())) {
                    lines.add("no execution: " + which + ", "
                            + String.join(", ", one.getValue().flags()));
                }
            }
            if (result.problem() != null) {
                lines.add((result.failed() ? "failed: " : "not judged: ") + result.problem());
            } else {
                result.refusals().forEach((model, why) -> lines.add("not judged: " + why + " (" + model.label() + ")"));
            }
        }
        return lines;
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
                        + " unsupported=%d errors=%d unknown=%d empty=%d races=%d interrupted=%s elapsed_s=%.3f",
                engine,
                modelNames(),
                verdict(),
                results.size(),
                count(Verdicts.Standing.AGREE),
                count(Verdicts.Standing.STRONGER),
                count(Verdicts.Standing.UNSOUND),
                unsupported,
                errors,
                unknown,
                empty,
                races,
                interrupted,
                seconds);
    }

    private String modelNames() {
        return models.stream().map(model -> model.label()).collect(Collectors.joining(","));
    }

    /** Writes {@code run.json}. */
    public void writeJson(Path file, double seconds) throws IOException {
        SafeFiles.writeText(file, text -> writeJson(text, seconds));
    }

    private void writeJson(Writer text, double seconds) throws IOException {
        try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
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
            out.writeNumberField("unknown", unknown);
            out.writeNumberField("empty", empty);
            out.writeBooleanField("interrupted", interrupted);
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
        if (!result.refusals().isEmpty()) {
            out.writeObjectFieldStart("refused");
            for (Map.Entry<Model, String> one : result.refusals().entrySet()) {
                out.writeStringField(one.getKey().label(), one.getValue());
            }
            out.writeEndObject();
        }
        out.writeArrayFieldStart("outcomes");
        for (Map.Entry<Model, LitmusOutcome> one : result.outcomes().entrySet()) {
            LitmusOutcome outcome = one.getValue();
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
