package kemu.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.check.Check;
import kemu.check.ReplayMatch;
import kemu.check.scenario.Subject;
import kemu.cli.InProcess;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Outcome;
import kemu.hw.explore.Result;
import kemu.hw.explore.Schedule;
import kemu.hw.explore.ScheduleText;
import kemu.input.TextFile;

/** Schedules: read, and if they are of a machine that is there already, followed; one of many by the command. */
final class ScheduleTarget implements Target {
    private static final int BY_COMMAND = 200;

    private final Mutator mutator = new Mutator(
            "c0*1",
            "c1*7",
            "p0*1",
            "d0.0*1",
            "v1.1*2",
            "run",
            "end",
            "sum",
            "lanes",
            "sc",
            "tso",
            "weak",
            "alpha",
            "rmap-hang-child",
            "slab-same-life",
            "variant=root-reread",
            "variant=root-recheck",
            "weaken=ticket.LOCK",
            "slab-reuse=delayed",
            "spinlock=mcs",
            "ENDED",
            "FAILED",
            "HUNG",
            "LIMIT",
            "PRUNED",
            "REFUSED",
            "plain");
    private final List<Check> checks = new ArrayList<>();
    private final List<String> texts = new ArrayList<>();
    private final Path file;

    ScheduleTarget(Path folder) {
        file = folder.resolve("fuzz.kemu");
        find(Subject.of("rmap-hang-child", "root-reread", MemoryModel.SC));
        find(Subject.of("rmap-hang-child", "root-reread", MemoryModel.TSO));
        find(Subject.of("slab-same-life", "pin-only", MemoryModel.WEAK));
    }

    private void find(Subject subject) {
        Check check = new Check(subject);
        Result found = check.explore("random", 1, 200_000, () -> 1);
        checks.add(check);
        texts.add(ScheduleText.write(check.schedule(check.shrink(found), 1)));
    }

    @Override
    public byte[] input(SplittableRandom dice) {
        byte[] text = right(dice);
        byte[] other = right(dice);
        byte[] changed = mutator.mutate(text, other, dice);
        return dice.nextInt(3) == 0 ? summed(changed) : changed;
    }

    /** Half of them without the checksum, so that what is wrong is looked at. */
    private byte[] right(SplittableRandom dice) {
        String text = texts.get(dice.nextInt(texts.size()));
        String chosen = dice.nextInt(3) == 0
                ? text
                : text.replace("kemu-schedule 2", "kemu-schedule 1").replaceFirst("sum .*\n", "");
        return chosen.getBytes(StandardCharsets.UTF_8);
    }

    /** With the checksum that the refusal names. */
    private static byte[] summed(byte[] text) {
        try {
            ScheduleText.read(TextFile.decode(text));
            return text;
        } catch (ScheduleText.Malformed refused) {
            String told = refused.getMessage();
            String sum = told.substring(told.lastIndexOf(' ') + 1);
            return told.contains("its checksum is ")
                    ? new String(text, StandardCharsets.UTF_8)
                            .replaceFirst("(?m)^sum .*$", "sum " + sum)
                            .getBytes(StandardCharsets.UTF_8)
                    : text;
        } catch (IOException binary) {
            return text;
        }
    }

    @Override
    public Answer take(byte[] input) throws IOException {
        if (input.length % BY_COMMAND == 0) {
            Files.write(file, input);
            InProcess.Said said = InProcess.execute("replay", file.toString());
            return new Answer(said.code(), said.out(), said.err(), null);
        }
        try {
            return follow(ScheduleText.read(TextFile.decode(input)));
        } catch (ScheduleText.Malformed refused) {
            return Answer.refused(refused.line() + ": " + refused.getMessage());
        } catch (IOException binary) {
            return Answer.refused("not a schedule");
        }
    }

    private Answer follow(Schedule schedule) {
        Subject subject;
        try {
            subject = Subject.of(schedule);
        } catch (IllegalArgumentException unknown) {
            return Answer.refused(unknown.getMessage());
        }
        for (Check check : checks) {
            if (check.subject().equals(subject)) {
                String misfit = check.misfit(schedule);
                if (misfit != null) {
                    return Answer.refused(misfit);
                }
                Result again = check.replay(schedule);
                if (again.outcome() == Outcome.REFUSED) {
                    return Answer.refused(again.failure().getMessage());
                }
                return ReplayMatch.difference(schedule, again) == null ? Answer.TAKEN : new Answer(1, "", "", null);
            }
        }
        return Answer.refused("another machine");
    }

    @Override
    public void close() {
        checks.forEach(Check::close);
    }
}
