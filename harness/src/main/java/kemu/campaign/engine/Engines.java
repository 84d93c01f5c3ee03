package kemu.campaign.engine;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import kemu.campaign.Campaign;
import kemu.campaign.CampaignFolder;
import kemu.campaign.ShardRunner;
import kemu.option.UsageException;

/** The engines by name; the default first. */
public final class Engines {
    private static final Map<String, Function<Work, ShardEngine>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("local", LocalEngine::new);
        ALL.put("slurm", SlurmEngine::new);
        ALL.put("kubernetes", KubernetesEngine::new);
    }

    /**
     * What an engine works on.
     *
     * @param parallel shards at a time; 0 for what the engine can
     */
    public record Work(Campaign campaign, CampaignFolder folder, ShardRunner.Watch watch, int parallel) {
        /** A name for jobs of this campaign and directory, which no other has. */
        String jobName() {
            return "kemu-" + campaign.name() + "-"
                    + Integer.toHexString(folder.path().toString().hashCode());
        }
    }

    private Engines() {}

    /** The names. */
    public static List<String> names() {
        return List.copyOf(ALL.keySet());
    }

    /** The engine called {@code name}; throws {@link UsageException} if there is none. */
    public static ShardEngine of(String name, Work work) {
        UsageException.requireOneOf("--engine", name, names());
        return ALL.get(name).apply(work);
    }
}
