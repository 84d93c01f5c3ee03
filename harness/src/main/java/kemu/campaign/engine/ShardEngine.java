package kemu.campaign.engine;

import java.util.List;

/** Something that runs shards. */
public interface ShardEngine {
    /**
     * Throws {@link kemu.option.UsageException} if it cannot work here, before anything is started.
     *
     * @param shards how many are to be run
     */
    void require(int shards);

    /**
     * Runs {@code shards}, numbered from 1, and returns when nothing of them runs any more: all have ended, or are
     * lost, or this process was told to end.
     */
    void run(List<Integer> shards) throws InterruptedException;
}
