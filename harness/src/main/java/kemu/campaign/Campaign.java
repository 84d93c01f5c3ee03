package kemu.campaign;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A campaign, as its file describes it.
 *
 * @param name small letters, digits and dashes: clusters take no other
 * @param file where it stands, absolute
 * @param cells all cells, in the order of the file
 * @param shards how many parts they are done in
 * @param limitMillis after which a cell is ended
 * @param retries how often a cell or shard that was lost is tried again
 * @param heap the heap of each cell's JVM, as after {@code -Xmx}; null for that of this one
 * @param slurmOptions further options of {@code sbatch}
 * @param kubernetes what the engine of that name must know; null if the file says nothing of it
 * @param lines where the file says what of a command, by the option it becomes, from 1
 */
public record Campaign(
        String name,
        Path file,
        List<CampaignCell> cells,
        int shards,
        long limitMillis,
        int retries,
        String heap,
        List<String> slurmOptions,
        Kubernetes kubernetes,
        Map<String, Integer> lines) {

    /**
     * What a cluster must know.
     *
     * @param image the container image that has kemu
     * @param namespace where the job goes; null for the one that kubectl is set to
     * @param claim the persistent volume claim that results are written to
     */
    public record Kubernetes(String image, String namespace, String claim) {}

    /** The same in {@code parts} shards. */
    public Campaign inShards(int parts) {
        return new Campaign(name, file, cells, parts, limitMillis, retries, heap, slurmOptions, kubernetes, lines);
    }

    /** The cells of {@code shard}, from 1: every {@code shards}-th. */
    public List<CampaignCell> cellsOf(int shard) {
        List<CampaignCell> own = new ArrayList<>();
        for (int i = shard - 1; i < cells.size(); i += shards) {
            own.add(cells.get(i));
        }
        return own;
    }

    /** The shard of {@code cell}, from 1. */
    public int shardOf(CampaignCell cell) {
        return cells.indexOf(cell) % shards + 1;
    }

    /** What {@code shard} is called where one is named. */
    public String shardName(int shard) {
        return shard + "/" + shards;
    }
}
