package kemu.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kemu.check.Check;
import kemu.check.ReplayMatch;
import kemu.check.scenario.Subject;
import kemu.check.story.Story;
import kemu.check.story.StoryTable;
import kemu.hw.explore.Outcome;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.ScheduleText;
import kemu.input.TextFile;
import kemu.input.TooLargeException;
import kemu.option.UsageException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code kemu replay}: a failure once more, bit for bit. */
@Command(
        name = "replay",
        description = "Repeats a recorded failure and says if it is the same.",
        mixinStandardHelpOptions = true)
final class ReplayCommand implements Callable<Integer> {
    /** Most bytes of a schedule: 200,000 steps, each a run of its own, take 2 MiB. */
    static final int LARGEST = 16 << 20;

    @Parameters(paramLabel = "SCHEDULE", description = "a schedule.kemu written by kemu check")
    private Path file;

    @Mixin
    private PluginOption plugins = new PluginOption();

    @Mixin
    private OutputOptions.Perfetto perfetto = new OutputOptions.Perfetto();

    @Override
    public Integer call() {
        plugins.load();
        Schedule schedule = read();
        Subject subject;
        try {
            subject = Subject.of(schedule);
            return replay(schedule, subject);
        } catch (IllegalArgumentException unknown) {
            throw new UsageException(file + ": " + unknown.getMessage());
        }
    }

    private int replay(Schedule schedule, Subject subject) {
        CheckFiles files = new CheckFiles(null, List.of()).withTrace(perfetto.file());
        try (Check check = new Check(subject)) {
            String misfit = check.misfit(schedule);
            if (misfit != null) {
                throw new UsageException(file + ": " + misfit);
            }
            Result again = check.explain(schedule);
            List<String> notes = check.notes();
            if (again.outcome() == Outcome.REFUSED) {
                throw new UsageException(file + ": " + again.failure().getMessage());
            }
            String difference = ReplayMatch.difference(schedule, again);
            if (difference == null && again.failure() != null) {
                Story story = check.narrate(schedule, again);
                StoryTable.print(story, System.out);
                System.out.println(story.failure());
                CheckReport.printNotes(notes, again);
                System.out.println("cause: " + story.cause());
                files.trace(CheckFiles.title(subject), story);
            } else if (again.failure() == null) {
                System.out.println("no failure this time");
            } else {
                System.out.println(String.valueOf(again.failure().getMessage()).stripTrailing());
            }
            System.out.printf(
                    Locale.ROOT,
                    "SUMMARY verb=replay scenario=%s variant=%s model=%s verdict=%s same=%s state=%x"
                            + " expected_state=%x%n",
                    subject.scenario(),
                    subject.variant(),
                    subject.modelName(),
                    difference == null ? "FAIL" : "UNKNOWN",
                    difference == null,
                    again.stateHash(),
                    schedule.stateHash());
            if (difference != null || again.failure() == null) {
                files.noTrace();
            }
            if (difference != null) {
                System.err.println("kemu: " + file + ": the replay differs: " + difference);
            }
            return 1;
        }
    }

    private Schedule read() {
        try {
            return ScheduleText.read(TextFile.read(file, LARGEST));
        } catch (ScheduleText.Malformed malformed) {
            throw new UsageException(file + ":" + malformed.line() + ": " + malformed.getMessage());
        } catch (CharacterCodingException binary) {
            throw new UsageException(file + ": not a schedule");
        } catch (TooLargeException large) {
            throw new UsageException(file + ": " + large.getMessage());
        } catch (IOException unreadable) {
            throw new UsageException(file + ": cannot be read");
        }
    }
}
