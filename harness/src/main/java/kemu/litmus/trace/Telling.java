package kemu.litmus.trace;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kemu.host.SafeFiles;
import kemu.litmus.ast.LitmusTest;

/** The executions of one test, one for each model, as text and as a picture. */
public final class Telling {
    private final LitmusTest test;
    private final List<ModelTrace> traces;

    Telling(LitmusTest test, List<ModelTrace> traces) {
        this.test = test;
        this.traces = traces;
    }

    /** A table of steps for each model. */
    public String text() {
        StringBuilder out = new StringBuilder();
        for (ModelTrace trace : traces) {
            out.append("Trace ").append(test.name()).append(": ").append(trace.headline());
            boolean bare = trace.steps().isEmpty() && trace.reasons().isEmpty() && trace.table() == null;
            out.append(bare ? ".\n" : ":\n");
            out.append(trace.table() == null ? "" : trace.table());
            reasons(out, trace);
            int width = trace.steps().stream()
                    .mapToInt(step -> step.what().length())
                    .max()
                    .orElse(0);
            int number = 0;
            for (TraceStep step : trace.steps()) {
                String line = String.format(
                        Locale.ROOT,
                        "%4d  P%d %s %-" + width + "s  %s",
                        ++number,
                        step.process(),
                        step.hardware() ? "." : " ",
                        step.what(),
                        step.memory() == null ? "" : "| " + buffers(step) + "| " + step.memory());
                out.append(line.stripTrailing()).append('\n');
            }
            boolean told = !trace.steps().isEmpty() || trace.table() != null;
            out.append(!told ? "" : "      at the end: " + trace.outcome() + "\n");
        }
        return out.append('\n').toString();
    }

    private static void reasons(StringBuilder out, ModelTrace trace) {
        int wide = trace.reasons().stream()
                .mapToInt(reason -> reason.from().length())
                .max()
                .orElse(0);
        int name = trace.reasons().stream()
                .mapToInt(reason -> reason.name().length())
                .max()
                .orElse(0);
        for (ModelTrace.Reason reason : trace.reasons()) {
            out.append(String.format(
                    Locale.ROOT,
                    "      %-" + wide + "s  --%s%s->  %s%n",
                    reason.from(),
                    reason.name(),
                    "-".repeat(name - reason.name().length()),
                    reason.to()));
        }
    }

    private static String buffers(TraceStep step) {
        StringBuilder out = new StringBuilder();
        for (int p = 0; p < step.after().size(); p++) {
            TraceStep.Cpu cpu = step.after().get(p);
            if (!cpu.stores().isEmpty()) {
                out.append('P')
                        .append(p)
                        .append(" stores ")
                        .append(String.join(" ", cpu.stores()))
                        .append("; ");
            }
            if (!cpu.old().isEmpty()) {
                out.append('P')
                        .append(p)
                        .append(" may see old ")
                        .append(String.join(" ", cpu.old()))
                        .append("; ");
            }
        }
        return out.toString();
    }

    /** Writes all as one page to {@code file}. */
    public void write(Path file) throws IOException {
        SafeFiles.writeString(file, TracePage.of(test, traces));
    }
}
