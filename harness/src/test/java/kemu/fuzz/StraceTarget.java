package kemu.fuzz;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import kemu.trace.LoadOptions;

/** Logs of strace, plain and compressed, read strictly and leniently. */
final class StraceTarget implements Target {
    private static final int COMPRESSED_EVERY = 50;

    private final Mutator mutator = new Mutator(Logs.WORDS);
    private final Path strict;

    StraceTarget(Path folder) {
        strict = folder.resolve("fuzz.strace");
    }

    @Override
    public byte[] input(SplittableRandom dice) {
        byte[] log = mutator.mutate(Logs.right(dice), Logs.right(dice), dice);
        return dice.nextInt(COMPRESSED_EVERY) == 0 ? mutator.mutate(gzip(log), log, dice) : log;
    }

    @Override
    public Answer take(byte[] input) throws IOException {
        Files.write(strict, input);
        Answer first = Logs.bear(strict, LoadOptions.DEFAULT);
        if (first.code() == 0 || first.violation() != null) {
            return first;
        }
        // Both ways count: what is refused strictly is read leniently.
        Answer lenient = Logs.bear(strict, new LoadOptions(null, true));
        return lenient.violation() == null ? first : lenient;
    }

    private static byte[] gzip(byte[] text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return bytes.toByteArray();
    }
}
