package kemu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kemu.host.SafeFiles;
import kemu.litmus.HerdText;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.LitmusReport;
import kemu.litmus.LitmusResult;
import kemu.litmus.Model;
import kemu.litmus.trace.Telling;
import kemu.litmus.trace.Tracer;
import kemu.report.JUnitXml;

/** What {@code kemu litmus} prints and writes. */
final class LitmusOutput {
    private final LitmusReport report;
    private final boolean full;
    private final boolean several;

    /** {@code full}: every test as herd7 prints it, not as a line of a table; {@code several} models. */
    LitmusOutput(LitmusReport report, boolean full, boolean several) {
        this.report = report;
        this.full = full;
        this.several = several;
    }

    void begin() {
        if (!full) {
            System.out.println(report.header());
        }
    }

    void show(LitmusResult result) {
        if (result.problem() != null) {
            System.out.println(result.problem());
            return;
        }
        result.refusals().values().forEach(System.out::println);
        if (!full) {
            System.out.println(report.row(result));
            return;
        }
        for (Map.Entry<Model, LitmusOutcome> one : result.outcomes().entrySet()) {
            if (several) {
                System.out.println("Model " + one.getKey().label());
            }
            System.out.print(
                    HerdText.of(result.test(), one.getValue(), result.seconds().get(one.getKey())));
        }
        if (report.expects()) {
            System.out.println(report.row(result));
        }
    }

    /** Tells an execution of each model that judged; {@code out} is a folder for the page, or null. */
    void tell(LitmusResult result, Tracer tracer, List<Model> chosen, Path out) {
        Telling telling;
        try {
            telling = tracer.tell(
                    result.test(),
                    chosen.stream().filter(result.outcomes()::containsKey).toList());
        } catch (RuntimeException bug) {
            System.out.println("Trace " + result.name() + ": cannot be told: internal error: " + bug);
            return;
        }
        System.out.print(telling.text());
        if (out != null) {
            written(out.resolve(result.fileName() + ".html"), telling::write);
        }
    }

    /** Writes the files, prints what was left open and the summary; returns the exit code. */
    int end(double seconds, Path out, Path junit) {
        if (out != null) {
            written(out.resolve("run.json"), file -> report.writeJson(file, seconds));
        }
        if (junit != null) {
            written(junit, file -> JUnitXml.write(file, "kemu litmus", report.cases()));
        }
        if (!full) {
            report.leftOpen().forEach(System.out::println);
        }
        System.out.println(report.summary(seconds));
        return report.verdict().exitCode();
    }

    private interface Body {
        void write(Path file) throws IOException;
    }

    /** What was found out stands, even if it cannot be written. */
    private static void written(Path file, Body body) {
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            body.write(file);
        } catch (IOException e) {
            System.err.println("kemu: not written: " + file + " (" + SafeFiles.reason(e) + ")");
        }
    }
}
