package kemu.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import kemu.trace.LoadOptions;

/** Tables of faults, given with a log. */
final class FaultsTarget implements Target {
    private static final int LOGS = 8;

    private final Mutator mutator = new Mutator("pid", "minflt", "majflt", "first_line_ms", "#pid", "100", "101", "\t");
    private final Path[] logs = new Path[LOGS];
    private final Path table;

    FaultsTarget(Path folder) throws IOException {
        for (int i = 0; i < LOGS; i++) {
            logs[i] = Files.write(folder.resolve("log" + i), Logs.right(new SplittableRandom(i)));
        }
        table = folder.resolve("fuzz.tsv");
    }

    @Override
    public byte[] input(SplittableRandom dice) {
        return mutator.mutate(right(dice), right(dice), dice);
    }

    private static byte[] right(SplittableRandom dice) {
        StringBuilder rows = new StringBuilder(dice.nextBoolean() ? "#" : "");
        boolean first = dice.nextBoolean();
        rows.append(first ? "pid\tfirst_line_ms\tminflt\n" : "pid\tminflt\tmajflt\n");
        for (int pid = 100; pid < 100 + dice.nextInt(1, 12); pid++) {
            String ms = dice.nextInt(1000) + "." + dice.nextInt(1000);
            rows.append(pid).append('\t').append(first ? ms : "" + dice.nextInt(3000));
            rows.append('\t').append(dice.nextInt(300)).append('\n');
        }
        return rows.toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    @Override
    public Answer take(byte[] input) throws IOException {
        Files.write(table, input);
        Path log = logs[input.length % LOGS];
        Answer first = Logs.bear(log, new LoadOptions(table, false));
        if (first.code() == 0 || first.violation() != null) {
            return first;
        }
        Answer lenient = Logs.bear(log, new LoadOptions(table, true));
        return lenient.violation() == null ? first : lenient;
    }
}
