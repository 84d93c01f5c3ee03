package kemu.cli;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import kemu.campaign.Campaign;
import kemu.campaign.CampaignCell;
import kemu.campaign.CampaignFile;
import kemu.campaign.CampaignFolder;
import kemu.campaign.CampaignResults;
import kemu.campaign.CampaignTable;
import kemu.campaign.CellResult;
import kemu.campaign.ShardRunner;
import kemu.campaign.engine.Engines;
import kemu.campaign.engine.ShardEngine;
import kemu.host.Stop;
import kemu.option.UsageException;
import kemu.report.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code kemu campaign}: a matrix of checks or runs, here or on a cluster. */
@Command(
        name = "campaign",
        description = {
            "Runs a matrix of checks or runs, each cell a process of its own, and puts their results together.",
            "What is done already is kept: started again, it goes on. PASS (exit 0) says that every cell has passed."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CampaignCommand implements Callable<Integer> {
    private static final int MOST_PARALLEL = 10_000;

    @Parameters(paramLabel = "FILE", description = "the campaign, in YAML (see docs/CAMPAIGNS.md)")
    private Path file;

    @Option(
            names = "--engine",
            paramLabel = "E",
            defaultValue = "local",
            description = "local: processes of this machine (default); slurm: a job array; kubernetes: an Indexed Job")
    private String engine;

    @Option(
            names = "--parallel",
            paramLabel = "N",
            description = "shards at a time (default: of local one a core, else what the cluster allows)")
    private Integer parallel;

    @Mixin
    private ShardOption shard = new ShardOption();

    @Option(
            names = "--merge",
            paramLabel = "DIR",
            description =
                    "take over the results of shards that ran with another --out, and run nothing; may be repeated")
    private List<Path> merge = List.of();

    @Mixin
    private OutputOptions.Out out = new OutputOptions.Out();

    @Override
    public Integer call() throws IOException, InterruptedException {
        check();
        Campaign campaign = CampaignFile.read(file);
        CampaignFolder folder = new CampaignFolder(out.chosen());
        CampaignRehearsal.of(campaign);
        folder.pending(campaign.cells());
        if (shard.isGiven()) {
            return part(campaign, folder);
        }
        Engines.Work asked = new Engines.Work(campaign, folder, null, 0);
        if (merge.isEmpty()) {
            Engines.of(engine, asked).require(campaign.shards());
        }
        folder.make();
        try (FileChannel channel = FileChannel.open(
                        folder.path().resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) {
                throw new UsageException("--out: " + folder.path() + " is in use by another campaign");
            }
            return whole(campaign, folder);
        }
    }

    private void check() {
        UsageException.requireOneOf("--engine", engine, Engines.names());
        if (parallel != null) {
            UsageException.requireRange("--parallel", parallel, 1, MOST_PARALLEL);
        }
        if (shard.isGiven() && !merge.isEmpty()) {
            throw new UsageException("--merge: not with --shard (allowed: one of both)");
        }
        for (Path one : merge) {
            if (!Files.isDirectory(one.resolve("cells"))) {
                throw new UsageException(
                        "--merge: " + one + " is no directory of a campaign (allowed: an --out of one)");
            }
        }
    }

    private int whole(Campaign campaign, CampaignFolder folder) throws IOException, InterruptedException {
        long start = System.nanoTime();
        Stop.served();
        System.out.printf(
                "kemu %s  campaign %s  cells=%d shards=%d engine=%s%n",
                Version.current(), campaign.name(), campaign.cells().size(), campaign.shards(), engine);
        for (Path one : merge) {
            int taken = folder.merge(new CampaignFolder(one), campaign.cells());
            System.out.println("taken over from " + one + ": " + taken + " cells");
        }
        if (merge.isEmpty()) {
            folder.forgetErrors(campaign.cells());
        }
        List<CampaignCell> pending = folder.pending(campaign.cells());
        List<CampaignCell> kept = new ArrayList<>(campaign.cells());
        kept.removeAll(pending);
        Map<Integer, String> lost = Map.of();
        int reruns = 0;
        if (merge.isEmpty() && !pending.isEmpty()) {
            try (CampaignProgress progress = new CampaignProgress(System.err, campaign, kept)) {
                ShardEngine chosen = Engines.of(
                        engine, new Engines.Work(campaign, folder, progress, parallel == null ? 0 : parallel));
                TreeSet<Integer> shards = new TreeSet<>();
                pending.forEach(cell -> shards.add(campaign.shardOf(cell)));
                chosen.run(List.copyOf(shards));
                lost = progress.lost();
                reruns = progress.reruns();
            }
        }
        CampaignResults results = new CampaignResults(campaign, folder, lost);
        new CampaignTable(results).print(System.out);
        List<String> open = results.open();
        if (!open.isEmpty()) {
            System.out.println("without a result: " + String.join(" ", open) + " (the same command runs them)");
        }
        results.write();
        System.out.printf(
                Locale.ROOT,
                "SUMMARY verb=campaign name=%s engine=%s verdict=%s %s kept=%d reruns=%d interrupted=%s"
                        + " elapsed_s=%.3f%n",
                campaign.name(),
                engine,
                results.verdict(),
                results.counts(),
                kept.size(),
                reruns,
                Stop.requested(),
                (System.nanoTime() - start) / 1e9);
        return results.verdict().exitCode();
    }

    /** One shard; the exit code says 70 if it has left a cell without a result. */
    private int part(Campaign whole, CampaignFolder folder) throws IOException {
        ShardOption.Part part = shard.part(whole.cells().size());
        int number = part.number();
        folder.make();
        Stop.served();
        Campaign campaign = whole.inShards(part.of());
        folder.forgetErrors(campaign.cellsOf(number));
        int pending = folder.pending(campaign.cellsOf(number)).size();
        try (CampaignProgress progress = new CampaignProgress(System.err, campaign, List.of())) {
            new ShardRunner(campaign, folder, progress).run(number);
        }
        int ended = 0;
        Verdict verdict = Verdict.PASS;
        List<CampaignCell> cells = campaign.cellsOf(number);
        for (CampaignCell cell : cells) {
            CellResult result = folder.read(cell);
            ended += result == null ? 0 : 1;
            System.out.println((result == null ? "NOT RUN" : result.words()) + "  " + cell.id());
            boolean fails = result != null && result.verdict() == CellResult.Outcome.FAIL;
            boolean passes = result != null && result.verdict() == CellResult.Outcome.PASS;
            verdict = fails || verdict == Verdict.FAIL ? Verdict.FAIL : passes ? verdict : Verdict.UNKNOWN;
        }
        System.out.println("SUMMARY verb=campaign name=" + campaign.name() + " shard=" + campaign.shardName(number)
                + " verdict=" + verdict + " cells=" + cells.size() + " ended=" + ended + " kept="
                + (cells.size() - pending) + " interrupted=" + Stop.requested());
        return ended < cells.size() && !Stop.requested() ? Main.INTERNAL : verdict.exitCode();
    }
}
