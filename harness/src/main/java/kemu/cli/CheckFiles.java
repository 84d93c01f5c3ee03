package kemu.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import kemu.check.Check;
import kemu.check.Plugins;
import kemu.check.Subject;
import kemu.check.dump.Dump;
import kemu.check.story.Story;
import kemu.check.story.StoryHtml;
import kemu.check.story.StoryJson;
import kemu.host.Shell;
import kemu.hw.sched.Result;
import kemu.hw.sched.Schedule;
import kemu.hw.sched.ScheduleText;

/**
 * What {@code kemu check} leaves in its directory: {@code check.json}, and of a failure {@code schedule.kemu},
 * {@code report.html} and {@code dump/}. None of them holds a time: the same seed gives the same bytes.
 */
final class CheckFiles {
    /** Version of {@code check.json}; goes up when a key changes its meaning or goes away. */
    static final int SCHEMA = 1;

    private final Path out;

    CheckFiles(Path out) {
        this.out = out;
    }

    /** Writes {@code check.json}; what follows {@code result} is of the failure made short, null if there is none. */
    void json(Subject subject, String search, long seed, Result result, String kind, Result small, Story story)
            throws IOException {
        Files.createDirectories(out);
        JsonFactory factory = new JsonFactory();
        try (JsonGenerator json = factory.createGenerator(Files.newBufferedWriter(out.resolve("check.json")))) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeNumberField("schema", SCHEMA);
            json.writeStringField("verb", "check");
            json.writeStringField("scenario", subject.scenario());
            json.writeStringField("variant", subject.variant());
            json.writeStringField("spinlock", subject.spinLock());
            json.writeStringField("model", subject.modelName());
            json.writeStringField("search", search);
            json.writeNumberField("seed", seed);
            json.writeStringField("verdict", result.verdict().name());
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
            json.writeEndObject();
            json.writeRaw('\n');
        }
    }

    /** Writes the schedule and the picture; returns the command that repeats the failure. */
    String failure(Check check, Subject subject, Schedule schedule, Story story) throws IOException {
        Files.createDirectories(out);
        Path file = out.resolve("schedule.kemu");
        Files.writeString(file, ScheduleText.write(schedule));
        String replay = "./kemu replay " + Shell.quote(file.toString()) + Plugins.asOptions();
        String title = String.format(
                Locale.ROOT, "%s with %s on %s", subject.scenario(), subject.variant(), subject.modelName());
        StoryHtml.write(out.resolve("report.html"), title, story, replay);
        Path dump = out.resolve("dump");
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
        return replay;
    }
}
