package kemu.campaign.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import kemu.campaign.Campaign;
import kemu.campaign.CampaignCell;
import kemu.campaign.CellResult;
import kemu.campaign.ShardCommand;
import kemu.campaign.engine.Engines.Work;
import kemu.host.SafeFiles;
import kemu.host.Stop;
import kemu.option.UsageException;

/**
 * Runs shards as the tasks of a Slurm job array: submits it by {@code sbatch}, asks {@code squeue} which tasks are
 * left, and reads results as they appear in the campaign's directory, which all nodes must share. A task that is gone
 * and has left no result is lost, and submitted again alone. The job's name tells the campaign: who starts it again
 * finds tasks that are still in the queue and waits for them.
 */
final class SlurmEngine implements ShardEngine {
    /** Tasks of an array, as Slurm is set up unless told otherwise (MaxArraySize). */
    private static final int MOST_SHARDS = 1000;

    private static final long POLL_MILLIS = 2_000;
    private static final long COMMAND_SECONDS = 60;
    /** Looks at a queue without a task before it is lost: shared file systems show files late. */
    private static final int PATIENCE = 3;

    private final Work work;
    private final Campaign campaign;
    private final Map<CampaignCell, CellResult> seen = new HashMap<>();
    private final Map<Integer, Integer> absent = new HashMap<>();
    private final Map<Integer, Integer> tries = new HashMap<>();
    private boolean complained;

    SlurmEngine(Work work) {
        this.work = work;
        campaign = work.campaign();
    }

    @Override
    public void require(int shards) {
        HostCommand.require("slurm", "sbatch", "squeue", "scancel");
        if (campaign.shards() > MOST_SHARDS) {
            throw new UsageException(campaign.file() + ": shards: " + campaign.shards()
                    + " (allowed with slurm: at most " + MOST_SHARDS + ", each of several cells)");
        }
    }

    @Override
    public void run(List<Integer> shards) throws InterruptedException {
        Set<Integer> left = new TreeSet<>(shards);
        Set<Integer> queued = queue();
        Set<Integer> first = new TreeSet<>(left);
        if (queued != null) {
            first.removeAll(queued);
        }
        String refused = first.isEmpty() ? null : submit(first);
        if (refused != null) {
            throw new UsageException("--engine: slurm: " + refused);
        }
        while (!left.isEmpty()) {
            if (Stop.requested()) {
                HostCommand.run(List.of("scancel", "--name=" + work.jobName()), COMMAND_SECONDS);
                return;
            }
            pause();
            // Before the files: a task that has ended by now has left its result already.
            queued = queue();
            left.removeIf(this::ended);
            if (queued != null) {
                lose(left, queued);
            }
        }
    }

    /** A short wait, shorter if this process is told to end. */
    private static void pause() throws InterruptedException {
        for (int i = 0; i < 20 && !Stop.requested(); i++) {
            Thread.sleep(POLL_MILLIS / 20);
        }
    }

    /** True if all cells of {@code shard} have results; those that are new are told. */
    private boolean ended(int shard) {
        boolean all = true;
        for (CampaignCell cell : campaign.cellsOf(shard)) {
            CellResult result = seen.get(cell);
            if (result == null) {
                result = work.folder().read(cell);
                if (result != null) {
                    seen.put(cell, result);
                    work.watch().ended(cell, result);
                }
            }
            all &= result != null;
        }
        return all;
    }

    /** Submits again what has left the queue without a result; takes out of {@code left} what is given up. */
    private void lose(Set<Integer> left, Set<Integer> queued) throws InterruptedException {
        Set<Integer> again = new TreeSet<>();
        for (int shard : new ArrayList<>(left)) {
            if (queued.contains(shard)) {
                absent.remove(shard);
            } else if (absent.merge(shard, 1, Integer::sum) >= PATIENCE) {
                absent.remove(shard);
                boolean retry = tries.merge(shard, 1, Integer::sum) <= campaign.retries();
                work.watch().lost(shard, "left the queue without a result", retry);
                if (retry) {
                    again.add(shard);
                } else {
                    left.remove(shard);
                }
            }
        }
        String refused = again.isEmpty() ? null : submit(again);
        if (refused != null) {
            again.forEach(shard -> work.watch().lost(shard, refused, false));
            left.removeAll(again);
        }
    }

    /** The shards that are waiting or running; null if Slurm does not say. */
    private Set<Integer> queue() throws InterruptedException {
        HostCommand.Ended ended = HostCommand.run(
                List.of("squeue", "--noheader", "--array", "--name=" + work.jobName(), "--format=%K"), COMMAND_SECONDS);
        Set<Integer> queued = new HashSet<>();
        boolean understood = ended.worked();
        for (String line : ended.said().lines().toList()) {
            if (line.strip().matches("\\d{1,9}")) {
                queued.add(Integer.parseInt(line.strip()));
            } else {
                understood &= line.isBlank();
            }
        }
        if (!understood && !complained) {
            System.err.println("kemu: squeue: " + ended.line() + " (asked again)");
        }
        complained = !understood;
        return understood ? queued : null;
    }

    /** Submits {@code shards}; why that was refused, or null. */
    private String submit(Set<Integer> shards) throws InterruptedException {
        Path folder = work.folder().path().resolve("slurm");
        Path script = folder.resolve("shard.sh");
        try {
            Files.createDirectories(folder);
            SafeFiles.writeString(
                    script,
                    "#!/bin/sh\nexec " + ShardCommand.line(campaign, work.folder()) + " --shard \"$SLURM_ARRAY_TASK_ID/"
                            + campaign.shards() + "\"\n");
        } catch (IOException failed) {
            return script + ": not written: " + SafeFiles.reason(failed);
        }
        List<String> command = new ArrayList<>(List.of(
                "sbatch",
                "--parsable",
                "--job-name=" + work.jobName(),
                "--array=" + ranges(shards) + (work.parallel() > 0 ? "%" + work.parallel() : ""),
                "--ntasks=1",
                // A second process of the same task would start it anew by itself, and hide that it was lost.
                "--no-requeue",
                "--output=" + folder.resolve("%A_%a.log")));
        command.addAll(campaign.slurmOptions());
        command.add(script.toString());
        HostCommand.Ended ended = HostCommand.run(command, COMMAND_SECONDS);
        return ended.worked() ? null : "sbatch: " + ended.line().replaceFirst("^sbatch: ", "");
    }

    /** {@code numbers}, in order, as Slurm takes them: 1-3,7. */
    static String ranges(Set<Integer> numbers) {
        StringBuilder text = new StringBuilder();
        Integer first = null;
        Integer last = null;
        for (int number : numbers) {
            if (last == null || number != last + 1) {
                text.append(range(first, last));
                first = number;
            }
            last = number;
        }
        text.append(range(first, last));
        return text.substring(1);
    }

    private static String range(Integer first, Integer last) {
        return first == null ? "" : "," + first + (first.equals(last) ? "" : "-" + last);
    }
}
