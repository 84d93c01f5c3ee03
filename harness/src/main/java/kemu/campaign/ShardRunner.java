package kemu.campaign;

import java.io.IOException;
import kemu.campaign.CellRunner.Lost;
import kemu.host.Stop;

/** Does one shard here: those of its cells that are not done, one after the other, each in a process of its own. */
public final class ShardRunner {
    private final Campaign campaign;
    private final CampaignFolder folder;
    private final Watch watch;

    /** Who hears what becomes of cells and shards, from whatever thread it happens on. */
    public interface Watch {
        /** {@code cell} has ended. */
        void ended(CampaignCell cell, CellResult result);

        /** {@code shard} was lost, as {@code how} says; {@code again} if it is tried once more. */
        void lost(int shard, String how, boolean again);

        /** So many shards have ended on a cluster, whose results come later. */
        default void away(int shards) {}
    }

    /** Shards of {@code campaign}, whose results go to {@code folder}. */
    public ShardRunner(Campaign campaign, CampaignFolder folder, Watch watch) {
        this.campaign = campaign;
        this.folder = folder;
        this.watch = watch;
    }

    /** Does what is left of {@code shard}, and tries again what is lost; ends early if this process is told to. */
    public void run(int shard) {
        CellRunner runner = new CellRunner(campaign, folder);
        for (CampaignCell cell : folder.pending(campaign.cellsOf(shard))) {
            for (int tries = 0; !Stop.requested(); tries++) {
                try {
                    CellResult result = runner.run(cell);
                    if (result != null) {
                        watch.ended(cell, result);
                    }
                    break;
                } catch (Lost lost) {
                    boolean again = tries < campaign.retries() && !Stop.requested();
                    watch.lost(shard, cell.id() + " " + lost.getMessage(), again);
                    if (!again) {
                        break;
                    }
                } catch (IOException refused) {
                    watch.lost(shard, cell.id() + " " + CellRunner.refusal(refused), false);
                    break;
                } catch (InterruptedException ended) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }
    }
}
