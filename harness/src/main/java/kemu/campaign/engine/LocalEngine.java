package kemu.campaign.engine;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import kemu.campaign.ShardRunner;
import kemu.campaign.engine.Engines.Work;
import kemu.host.Stop;

/** Runs shards as processes of this machine, as many at a time as it has cores. */
final class LocalEngine implements ShardEngine {
    private final Work work;

    LocalEngine(Work work) {
        this.work = work;
    }

    @Override
    public void require(int shards) {
        // It needs nothing but this machine.
    }

    @Override
    public void run(List<Integer> shards) throws InterruptedException {
        int cores = Runtime.getRuntime().availableProcessors();
        int threads = Math.min(shards.size(), work.parallel() > 0 ? work.parallel() : cores);
        ShardRunner runner = new ShardRunner(work.campaign(), work.folder(), work.watch());
        ExecutorService pool = Executors.newFixedThreadPool(Math.max(1, threads));
        for (int shard : shards) {
            pool.execute(() -> {
                if (Stop.requested()) {
                    return;
                }
                try {
                    runner.run(shard);
                } catch (RuntimeException bug) {
                    work.watch().lost(shard, "internal error: " + bug, false);
                }
            });
        }
        pool.shutdown();
        // Every cell has a time limit of its own, and ends soon after this process is told to.
        while (!pool.awaitTermination(1, TimeUnit.MINUTES)) {
            continue;
        }
    }
}
