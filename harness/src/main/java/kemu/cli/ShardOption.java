package kemu.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code --shard I/N}: a part of a matrix, for whoever shares it out between machines. */
final class ShardOption {
    private static final Pattern SHARD = Pattern.compile("(\\d{1,6})/(\\d{1,6})");

    @Option(
            names = "--shard",
            paramLabel = "I/N",
            description = "do only the I-th of N parts: every N-th cell, beginning with the I-th (of check all and"
                    + " bugs; clusters start the tasks of a campaign so)")
    private String shard;

    /**
     * A part.
     *
     * @param number from 1
     * @param of how many there are
     */
    record Part(int number, int of) {
        /** What of {@code all} belongs to it. */
        <T> List<T> of(List<T> all) {
            List<T> mine = new ArrayList<>();
            for (int i = number - 1; i < all.size(); i += of) {
                mine.add(all.get(i));
            }
            return mine;
        }
    }

    /** True if a part was asked for. */
    boolean isGiven() {
        return shard != null;
    }

    /** The part of {@code cells} cells that was asked for; null if all are. */
    Part part(int cells) {
        if (shard == null) {
            return null;
        }
        Matcher parts = SHARD.matcher(shard);
        int number = parts.matches() ? Integer.parseInt(parts.group(1)) : 0;
        int of = parts.matches() ? Integer.parseInt(parts.group(2)) : 0;
        if (number < 1 || number > of || of > cells) {
            throw new UsageException("--shard: '" + shard + "' (allowed: I/N, from 1/N to N/N, N at most " + cells
                    + ", the number of cells)");
        }
        return new Part(number, of);
    }
}
