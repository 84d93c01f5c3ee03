package kemu.fuzz;

import java.io.IOException;
import java.nio.file.Path;

/** The kinds of input, and how many of a thousand inputs are of each. */
enum Kind {
    STRACE(330, StraceTarget::new),
    COMPACT(180, CompactTarget::new),
    FAULTS(150, FaultsTarget::new),
    SCHEDULE(180, ScheduleTarget::new),
    DUMP(10, DumpTarget::new),
    OPTIONS(140, OptionsTarget::new),
    CAMPAIGN(2, CampaignTarget::new);

    /** Makes a target that keeps its files in a folder. */
    interface Factory {
        Target in(Path folder) throws IOException;
    }

    final int perMille;
    final Factory factory;

    Kind(int perMille, Factory factory) {
        this.perMille = perMille;
        this.factory = factory;
    }
}
