package kemu.cli;

import java.io.PrintStream;
import java.util.Collection;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import kemu.campaign.Campaign;
import kemu.campaign.CampaignCell;
import kemu.campaign.CellResult;
import kemu.campaign.CellResult.Outcome;
import kemu.campaign.ShardRunner;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * How far a campaign is, on standard error: a live line on a terminal, a line every 15 seconds elsewhere. What is lost
 * is named at once.
 */
final class CampaignProgress implements ShardRunner.Watch, AutoCloseable {
    private static final long LINE_NANOS = 15_000_000_000L;

    private final PrintStream out;
    private final Campaign campaign;
    private final long start = System.nanoTime();
    private final ProgressBar bar;
    private final Set<String> ended = new HashSet<>();
    private final Map<Integer, String> lost = new TreeMap<>();
    private long nextLine = start + LINE_NANOS;
    private long failed;
    private long away;
    private int reruns;

    CampaignProgress(PrintStream out, Campaign campaign, Collection<CampaignCell> kept) {
        this.out = out;
        this.campaign = campaign;
        kept.forEach(cell -> ended.add(cell.id()));
        boolean terminal = System.console() != null && System.console().isTerminal();
        bar = terminal
                ? new ProgressBarBuilder()
                        .setTaskName(campaign.name())
                        .setInitialMax(campaign.cells().size())
                        .setStyle(ProgressBarStyle.ASCII)
                        .setUpdateIntervalMillis(1000)
                        .setConsumer(new ConsoleProgressBarConsumer(out))
                        .build()
                : null;
        if (bar != null) {
            bar.stepTo(ended.size());
        }
    }

    @Override
    public synchronized void ended(CampaignCell cell, CellResult result) {
        if (!ended.add(cell.id())) {
            return;
        }
        if (result.verdict() == Outcome.FAIL) {
            failed++;
        }
        if (result.verdict() == Outcome.ERROR) {
            out.println("kemu: " + cell.id() + ": " + result.said());
        }
        step();
    }

    @Override
    public synchronized void lost(int shard, String how, boolean again) {
        if (again) {
            reruns++;
        } else {
            lost.put(shard, how);
        }
        out.println("kemu: shard " + campaign.shardName(shard) + " is lost: " + how
                + (again ? "; it is run again" : "; given up"));
    }

    @Override
    public synchronized void away(int shards) {
        away += shards;
        step();
    }

    private void step() {
        if (bar != null) {
            bar.stepTo(Math.max(ended.size(), Math.min(away, campaign.cells().size())));
            bar.setExtraMessage(" " + failed + " failed");
            return;
        }
        long now = System.nanoTime();
        if (now >= nextLine) {
            nextLine = now + LINE_NANOS;
            out.println(String.format(
                    Locale.ROOT,
                    "kemu: campaign %s: %d of %d cells have ended, %d failed%s, %d s",
                    campaign.name(),
                    ended.size(),
                    campaign.cells().size(),
                    failed,
                    away == 0 ? "" : ", " + away + " shards on the cluster",
                    (now - start) / 1_000_000_000L));
        }
    }

    /** The shards that were given up, and how they were lost. */
    synchronized Map<Integer, String> lost() {
        return new TreeMap<>(lost);
    }

    /** How often something lost was run again. */
    synchronized int reruns() {
        return reruns;
    }

    @Override
    public synchronized void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
