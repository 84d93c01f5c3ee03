package kemu.junit;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import kemu.check.Check;
import kemu.check.Judgement;
import kemu.check.Plugins;
import kemu.check.ReplayMatch;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.story.Story;
import kemu.check.story.StoryTable;
import kemu.host.Shell;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.ScheduleText;
import kemu.hw.mem.FailureKind;
import kemu.input.TextFile;

/** Runs one check for a test, at most once. */
final class CheckRun {
    private static final int LARGEST_SCHEDULE = 16 << 20;

    private final Subject subject;
    private final KemuCheck asked;
    private final Path kept;
    private CheckOutcome outcome;
    private boolean repeated;

    CheckRun(Subject subject, KemuCheck asked, Path kept) {
        this.subject = subject;
        this.asked = asked;
        this.kept = kept;
    }

    Subject subject() {
        return subject;
    }

    /** What was found. */
    CheckOutcome outcome() {
        if (outcome == null) {
            try (Check check = new Check(subject)) {
                outcome = run(check);
            } catch (IOException unwritable) {
                throw new UncheckedIOException(unwritable);
            } catch (SceneBroken broken) {
                throw new AssertionError(
                        subject.scenario() + " " + subject.options() + ": "
                                + Judgement.of(broken).reason(),
                        broken);
            }
        }
        return outcome;
    }

    private CheckOutcome run(Check check) throws IOException {
        Result again = repeat(check);
        if (again != null) {
            repeated = true;
            return new CheckOutcome(subject, again, check.narrate(check.schedule(again, asked.seed()), again));
        }
        Result result = check.explore(asked.search(), asked.seed(), asked.executions(), () -> Long.MAX_VALUE);
        if (!Judgement.of(subject, result).convicts()) {
            Files.deleteIfExists(kept);
            return new CheckOutcome(subject, result, null);
        }
        Result small = check.shrink(result);
        Schedule schedule = check.schedule(small, asked.seed());
        if (kept.getParent() != null) {
            Files.createDirectories(kept.getParent());
        }
        Files.writeString(kept, ScheduleText.write(schedule));
        return new CheckOutcome(subject, result, check.narrate(schedule, small));
    }

    /** The failure of the last run, if it is still one; null if there was none, or it is gone or no longer fits. */
    private Result repeat(Check check) throws IOException {
        if (!Files.isRegularFile(kept)) {
            return null;
        }
        try {
            Schedule schedule = ScheduleText.read(TextFile.read(kept, LARGEST_SCHEDULE));
            if (!schedule.options().equals(subject.options()) || check.misfit(schedule) != null) {
                return null;
            }
            Result again = check.replay(schedule);
            return ReplayMatch.difference(schedule, again) == null ? again : null;
        } catch (ScheduleText.Malformed edited) {
            return null;
        }
    }

    /** A failure that repeats is one, though the replay of one execution says nothing of the others. */
    private Judgement judge(Result result) {
        return repeated
                ? new Judgement(Result.Verdict.FAIL, result.kind(), null, result)
                : Judgement.of(subject, result);
    }

    private boolean isMeant(FailureKind kind) {
        return asked.kinds().length == 0 || List.of(asked.kinds()).contains(kind);
    }

    /** Throws unless the verdict is the one that the test asks for. */
    void require() {
        Result result = outcome().result();
        Judgement judged = judge(result);
        Result.Verdict found = judged.verdict();
        if (judged.reason() != null) {
            throw new AssertionError(subject.scenario() + " " + subject.options() + ": " + judged.reason());
        }
        boolean soft = found == Result.Verdict.UNKNOWN
                && asked.expect() == Result.Verdict.PASS
                && !List.of("exhaustive", Check.READS_FROM).contains(asked.search());
        boolean meant = !judged.convicts() || isMeant(judged.kind());
        if (found == asked.expect() && meant || soft) {
            return;
        }
        StringBuilder message = new StringBuilder();
        message.append(subject.scenario()).append(' ').append(subject.options()).append(": expected ");
        message.append(asked.expect())
                .append(meant ? "" : " " + List.of(asked.kinds()))
                .append(", found ")
                .append(found);
        message.append(meant ? "" : " " + judged.kind());
        message.append(repeated ? " again, as in the last run" : " after " + result.executions() + " executions");
        Story story = outcome.story();
        if (story != null) {
            ByteArrayOutputStream table = new ByteArrayOutputStream();
            StoryTable.print(story, new PrintStream(table, true, StandardCharsets.UTF_8));
            message.append('\n').append(table.toString(StandardCharsets.UTF_8)).append(story.failure());
            message.append("\ncause: ")
                    .append(story.cause())
                    .append("\nreplay: ./kemu replay ")
                    .append(Shell.quote(kept.toString()))
                    .append(Plugins.asOptions(subject));
        }
        throw new AssertionError(message.toString());
    }
}
