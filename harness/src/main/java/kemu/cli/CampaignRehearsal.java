package kemu.cli;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.campaign.Campaign;
import kemu.campaign.CampaignCell;
import kemu.option.UsageException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * Asks the verbs whether they would do what the cells of a campaign say, before any of them is started: a strategy that
 * does not exist is found out now, not in the middle of a night. Cells that differ only by their seed are asked once.
 */
final class CampaignRehearsal {
    private static final String SEED = "--seed";

    private final Campaign campaign;

    private CampaignRehearsal(Campaign campaign) {
        this.campaign = campaign;
    }

    /** Throws {@link UsageException}, which names the line of the file, at the first cell that is refused. */
    static void of(Campaign campaign) {
        new CampaignRehearsal(campaign).rehearse();
    }

    private void rehearse() {
        CommandLine line = null;
        Set<List<String>> asked = new HashSet<>();
        for (CampaignCell cell : campaign.cells()) {
            String[] words = cell.arguments().toArray(String[]::new);
            if (!asked.add(withoutSeed(cell.arguments()))) {
                continue;
            }
            try {
                if (line == null) {
                    PluginOption.loadEarly(words);
                    line = Verbs.line();
                }
                List<CommandLine> parsed = line.parseArgs(words).asCommandLineList();
                if (parsed.getLast().getCommand() instanceof Rehearsed verb) {
                    verb.rehearse();
                }
            } catch (UsageException | ParameterException mistake) {
                throw new UsageException(campaign.file() + ":" + lineOf(mistake.getMessage()) + ": cell " + cell.id()
                        + ": " + mistake.getMessage());
            }
        }
    }

    private static List<String> withoutSeed(List<String> words) {
        int at = words.indexOf(SEED);
        if (at < 0) {
            return words;
        }
        List<String> others = new ArrayList<>(words);
        others.subList(at, at + 2).clear();
        return others;
    }

    /** The line that says what {@code mistake} is about: that of the option it names, else that of the subjects. */
    private int lineOf(String mistake) {
        int least = Integer.MAX_VALUE;
        String first = "";
        for (Map.Entry<String, Integer> one : campaign.lines().entrySet()) {
            int at = one.getKey().isEmpty() ? -1 : mistake.indexOf(one.getKey());
            if (at >= 0 && (at < least || at == least && one.getKey().length() > first.length())) {
                least = at;
                first = one.getKey();
            }
        }
        return campaign.lines().getOrDefault(first, 1);
    }
}
