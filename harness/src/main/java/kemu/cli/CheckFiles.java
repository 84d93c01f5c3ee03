package kemu.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import kemu.check.CacheCounts;
import kemu.check.Check;
import kemu.check.Expected;
import kemu.check.Judgement;
import kemu.check.Plugins;
import kemu.check.dump.Dump;
import kemu.check.scenario.Subject;
import kemu.check.story.PerfettoTrace;
import kemu.check.story.Story;
import kemu.check.story.StoryHtml;
import kemu.check.story.StoryJson;
import kemu.host.SafeFiles;
import kemu.host.Shell;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.ScheduleText;
import kemu.report.Provenance;
import kemu.report.Sarif;
import kemu.soak.RunFolder;

/**
 * What {@code kemu check} leaves in its directory: {@code check.json}, and of a failure {@code schedule.kemu},
 * {@code report.html} and {@code dump/}. None of them holds a time or the directory: the same seed gives the same
 * bytes. What does differ stands in {@code environment.json}.
 */
final class CheckFiles {
    /** Version of {@code check.json}; goes up when a key changes its meaning or goes away. */
    static final int SCHEMA = 1;

    private final Path out;
    private final List<String> arguments;
    /** Null if no trace is asked for. */
    private Path trace;
    /** Null if no SARIF is asked for. */
    private Path sarif;

    /** Files in {@code out} of the command line {@code arguments}. */
    CheckFiles(Path out, List<String> arguments) {
        this.out = out;
        this.arguments = arguments;
    }

    /** A failure is written to {@code file} as well, as a trace; not if that is null. */
    CheckFiles withTrace(Path file) {
        trace = file;
        return this;
    }

    /** Failures are written to {@code file} as well, as SARIF; not if that is null. */
    CheckFiles withSarif(Path file) {
        sarif = file;
        return this;
    }

    /** Writes a failure as SARIF, if that is asked for: of {@code kind}, or none if that is null. */
    void sarif(Subject subject, String kind, String message) {
        if (sarif != null) {
            Path schedule = out.resolve("schedule.kemu");
            List<Sarif.Failure> failures = kind == null
                    ? List.of()
                    : List.of(new Sarif.Failure(
                            kind, message, name(subject), Files.exists(schedule) ? schedule.toString() : null));
            tryTo(sarif, file -> Sarif.write(file, failures));
        }
    }

    /** What {@code subject} is called in SARIF. */
    static String name(Subject subject) {
        return subject.scenario() + "/" + subject.variant() + "/" + subject.modelName();
    }

    /** A check begins: what an earlier one has left is not of this one. */
    void begin() {
        try {
            RunFolder.prepare(out);
            Provenance.writeEnvironment(out, arguments);
        } catch (IOException failed) {
            System.err.println("kemu: " + out + ": not written: " + SafeFiles.reason(failed));
        }
    }

    /** Writes one file; throws what the host says against it. */
    @FunctionalInterface
    private interface Writing {
        void write(Path file) throws IOException;
    }

    /** A verdict stands whether or not its files can be written: true if {@code name} was. */
    private boolean tryTo(String name, Writing writing) {
        return tryTo(out.resolve(name), writing);
    }

    private static boolean tryTo(Path file, Writing writing) {
        try {
            writing.write(file);
            return true;
        } catch (IOException unwritable) {
            System.err.println("kemu: " + file + ": not written: " + SafeFiles.reason(unwritable));
            return false;
        }
    }

    /**
     * Writes {@code check.json}; {@code kind}, {@code small} and {@code story} are of the failure made short, null if
     * there is none; {@code caches} is null if nothing was counted.
     */
    void json(
            Subject subject,
            String search,
            long seed,
            Judgement found,
            String kind,
            Result small,
            Story story,
            CacheCounts caches) {
        tryTo(
                "check.json",
                file -> SafeFiles.writeText(
                        file, writer -> json(writer, subject, search, seed, found, kind, small, story, caches)));
    }

    private void json(
            Writer writer,
            Subject subject,
            String search,
            long seed,
            Judgement found,
            String kind,
            Result small,
            Story story,
            CacheCounts caches)
            throws IOException {
        Result result = found.result();
        JsonFactory factory = new JsonFactory();
        try (JsonGenerator json = factory.createGenerator(writer)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("schema", SCHEMA);
            json.writeStringField("verb", "check");
            Provenance.write(json, arguments);
            json.writeStringField("scenario", subject.scenario());
            json.writeStringField("variant", subject.variant());
            json.writeStringField("spinlock", subject.spinLock());
            json.writeStringField("model", subject.modelName());
            json.writeStringField("search", search);
            json.writeNumberField("seed", seed);
            json.writeStringField("verdict", found.verdict().name());
            if (found.reason() != null) {
                json.writeStringField("reason", found.reason());
            }
            String remark = Expected.remark(subject);
            if (!found.convicts() && remark != null) {
                json.writeStringField("remark", remark);
            }
            if (!found.notExplored().isEmpty()) {
                json.writeStringField("not_explored", found.notExplored());
            }
            json.writeNumberField("executions", result.executions());
            json.writeNumberField("pruned", result.pruned());
            json.writeNumberField("steps_total", result.steps());
            json.writeNumberField("longest_steps", result.longest());
            json.writeNumberField("final_states", result.states());
            if (story != null) {
                json.writeStringField("kind", kind);
                json.writeNumberField("shrunk_steps", small.trail().steps());
                json.writeStringField("state", Long.toHexString(small.stateHash()));
                StoryJson.write(story, json);
            }
            if (caches != null) {
                caches.writeJson(json);
            }
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    /** Writes the schedule, the picture and the memory; returns the command that repeats the failure. */
    String failure(Check check, Subject subject, Schedule schedule, Story story) {
        Path file = out.resolve("schedule.kemu");
        boolean kept = tryTo("schedule.kemu", path -> SafeFiles.writeString(path, ScheduleText.write(schedule)));
        String replay = "./kemu replay " + Shell.quote(file.toString()) + Plugins.asOptions();
        String title = title(subject);
        // The report says what holds wherever its folder is moved to.
        String here = "./kemu replay schedule.kemu" + Plugins.asOptions();
        trace(title, story);
        tryTo("report.html", path -> StoryHtml.write(path, title, story, here));
        tryTo("dump", path -> dump(path, check, subject, schedule));
        return kept ? replay : "not possible, " + file + " was not written";
    }

    /** What failed, of {@code subject}. */
    static String title(Subject subject) {
        return String.format(
                Locale.ROOT, "%s with %s on %s", subject.scenario(), subject.variant(), subject.modelName());
    }

    /** Writes the trace, if one is asked for. */
    void trace(String title, Story story) {
        if (trace != null) {
            tryTo(trace, path -> PerfettoTrace.write(path, title, story));
        }
    }

    /** Says that there is nothing to draw, if a trace is asked for. */
    void noTrace() {
        if (trace != null) {
            System.err.println("kemu: " + trace + ": not written: there is no failure to tell");
        }
    }

    private static void dump(Path dump, Check check, Subject subject, Schedule schedule) throws IOException {
        IOException[] failed = new IOException[1];
        check.replay(schedule, () -> {
            try {
                Dump.write(dump, check.machine(), subject.scenario(), subject.options(), check.sceneHash());
            } catch (IOException full) {
                failed[0] = full;
            }
        });
        if (failed[0] != null) {
            throw failed[0];
        }
    }
}
