package kemu.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import kemu.trace.LoadOptions;
import kemu.trace.Traces;
import kemu.trace.model.Trace;
import kemu.trace.model.TraceException;
import kemu.trace.store.CompactForge;

/**
 * Compact traces whose length and checksum are right while what they hold is not; now and then the file itself is cut.
 */
final class CompactTarget implements Target {
    private static final int SEEDS = 24;
    private static final int WHOLE_EVERY = 25;
    private static final byte ALONE = 0;
    private static final long[] NUMBERS = {
        0,
        1,
        2,
        3,
        5,
        16,
        17,
        20,
        21,
        127,
        128,
        4095,
        4096,
        8192,
        1L << 20,
        Integer.MAX_VALUE,
        1L << 31,
        1L << 32,
        1L << 46,
        (1L << 47) - 4096,
        1L << 47,
        1L << 48,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        -1,
        -2,
        -4096,
        1L << 62
    };

    private final Mutator mutator = new Mutator();
    private final Trace[] traces = new Trace[SEEDS];
    private final Path file;

    CompactTarget(Path folder) throws IOException {
        file = folder.resolve("fuzz.in.ktrace");
        for (int i = 0; i < SEEDS; i++) {
            Path log = Files.write(folder.resolve("log"), Logs.right(new SplittableRandom(i)));
            try {
                traces[i] = Traces.load(log, LoadOptions.DEFAULT);
            } catch (TraceException impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }

    @Override
    public byte[] input(SplittableRandom dice) {
        Trace trace = traces[dice.nextInt(SEEDS)];
        byte[] content = CompactForge.content(trace);
        for (int n = dice.nextInt(4); n > 0; n--) {
            content = dice.nextInt(10) == 0 ? mutator.mutate(content, content, dice) : number(content, dice);
        }
        long ops = CompactForge.ops(trace);
        if (dice.nextInt(WHOLE_EVERY) != 0) {
            return Mutator.replaced(
                    content,
                    0,
                    0,
                    ByteBuffer.allocate(9).put(ALONE).putLong(ops).array());
        }
        long announced = dice.nextInt(4) == 0 ? NUMBERS[dice.nextInt(NUMBERS.length)] : ops;
        int tasks = dice.nextInt(4) == 0 ? dice.nextInt() : trace.procCount();
        try {
            byte[] whole = CompactForge.file(content, tasks, announced);
            return dice.nextInt(3) == 0 ? mutator.mutate(whole, content, dice) : whole;
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Another number where one of the content begins. */
    private static byte[] number(byte[] content, SplittableRandom dice) {
        int from = dice.nextInt(content.length + 1);
        while (from > 0 && from < content.length && content[from - 1] < 0) {
            from--;
        }
        int to = from;
        while (to < content.length && content[to] < 0) {
            to++;
        }
        long value = dice.nextInt(3) == 0 ? dice.nextInt(64) : NUMBERS[dice.nextInt(NUMBERS.length)];
        return Mutator.replaced(content, from, Math.min(content.length, to + 1), CompactForge.number(value));
    }

    @Override
    public Answer take(byte[] input) throws IOException {
        if (input.length > 9 && input[0] == ALONE) {
            Trace trace;
            try {
                trace = CompactForge.read(
                        Arrays.copyOfRange(input, 9, input.length),
                        ByteBuffer.wrap(input).getLong(1));
            } catch (IOException refused) {
                return Answer.refused(refused.getMessage());
            }
            return Logs.bear(trace);
        }
        Files.write(file, input);
        return Logs.bear(file, LoadOptions.DEFAULT);
    }
}
