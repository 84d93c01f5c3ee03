package kemu.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kemu.host.SafeFiles;
import kemu.option.UsageException;
import kemu.report.Verdict;
import kemu.results.JsonTree;
import kemu.results.RunResults;
import kemu.soak.live.Earlier;
import picocli.CommandLine.Option;

/** {@code --resume}: going on with a soak whose process has died. */
final class ResumeOption {
    /** What may be given beside it: who looks at a run says nothing of what it does. */
    private static final Set<String> BESIDE = Set.of("--resume", "--out", "--metrics-port", "--metrics-host");

    /** Tells the seeds of epochs apart; the golden ratio in 64 bits. */
    private static final long SEED_STEP = 0x9e3779b97f4a7c15L;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "go on with the soak in DIR (--out of then) whose process or machine died: for what is left"
                    + " of its --duration, with its options (give none, or the same) and the seed that comes next;"
                    + " latency.hlog and counters.jsonl are gone on with, run.json names the gap")
    private Path folder;

    private Earlier earlier = Earlier.NONE;

    /** The folder; null if nothing is gone on with. */
    Path folder() {
        return folder;
    }

    /** What the folder holds; nothing if nothing is gone on with. */
    Earlier earlier() {
        return earlier;
    }

    /** Of {@code seed}, the one for the next epoch; the first has {@code seed} itself. */
    long seed(long seed) {
        return seed + earlier.epochs() * SEED_STEP;
    }

    /** What is left of {@code millis}, a duration. */
    long left(Long millis) {
        if (earlier.epochs() == 0) {
            return millis == null ? 0 : millis;
        }
        if (millis == null) {
            throw new UsageException("--resume: " + folder + " is of a run without --duration (allowed: one with)");
        }
        long left = millis - earlier.recordedMillis();
        if (left <= 0) {
            throw new UsageException("--resume: " + folder + " holds " + earlier.recordedMillis() / 1000
                    + " s already, nothing of its --duration is left");
        }
        return left;
    }

    /**
     * Reads the folder. Returns the command line of the soak to start instead of {@code arguments} if those give a
     * workload alone; null if they are to be gone on with as they are.
     */
    List<String> read(List<String> arguments) {
        if (folder == null) {
            return null;
        }
        requireOpen();
        try {
            earlier = Earlier.read(folder.resolve(RunResults.COUNTERS));
        } catch (NoSuchFileException none) {
            throw new UsageException("--resume: " + folder + " is no directory of a run (no counters.jsonl)");
        } catch (IOException failed) {
            throw new UsageException("--resume: " + folder + ": " + SafeFiles.reason(failed));
        }
        List<String> given = essential(arguments);
        List<String> before = essential(earlier.arguments());
        if (given.equals(before)) {
            return null;
        }
        if (given.size() == 2 && before.size() > 2 && before.subList(0, 2).equals(given)) {
            List<String> all = new ArrayList<>(before);
            all.addAll(arguments.stream().filter(word -> word.equals("--live")).toList());
            all.addAll(beside(arguments));
            return all;
        }
        throw new UsageException("--resume: " + folder + " was started as: kemu " + String.join(" ", before)
                + " (allowed: the same, or the workload alone)");
    }

    /** A run that came to its end is not gone on with, but one that was interrupted is. */
    private void requireOpen() {
        Path report = folder.resolve(RunResults.JSON);
        if (!Files.isRegularFile(report)) {
            return;
        }
        String verdict;
        try {
            verdict = String.valueOf(JsonTree.object(Files.readString(report)).get("verdict"));
        } catch (IOException unreadable) {
            return;
        }
        if (!verdict.equals(Verdict.UNKNOWN.name())) {
            throw new UsageException("--resume: " + folder + " has come to its end: " + verdict);
        }
    }

    private static List<String> essential(List<String> arguments) {
        List<String> essential = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (BESIDE.contains(word)) {
                i++;
            } else if (!word.equals("--live") && BESIDE.stream().noneMatch(one -> word.startsWith(one + "="))) {
                essential.add(word);
            }
        }
        return essential;
    }

    private static List<String> beside(List<String> arguments) {
        List<String> beside = new ArrayList<>();
        for (int i = 0; i < arguments.size(); i++) {
            String word = arguments.get(i);
            if (BESIDE.contains(word) && i + 1 < arguments.size()) {
                beside.add(word);
                beside.add(arguments.get(++i));
            } else if (BESIDE.stream().anyMatch(one -> word.startsWith(one + "="))) {
                beside.add(word);
            }
        }
        return beside;
    }
}
