package kemu.campaign;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import kemu.host.Shell;

/** The command that does one shard, for those who start it elsewhere. */
public final class ShardCommand {
    private ShardCommand() {}

    /** It as a line of a shell, for {@code --shard} to follow: the same java and the same kemu as here. */
    public static String line(Campaign campaign, CampaignFolder folder) {
        List<String> words = new ArrayList<>(CellRunner.kemu(null));
        words.addAll(List.of(
                "campaign", campaign.file().toString(), "--out", folder.path().toString()));
        return words.stream().map(Shell::quote).collect(Collectors.joining(" "));
    }
}
