package kemu.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import kemu.check.Check;
import kemu.check.dump.Dump;
import kemu.check.scenario.Subject;
import kemu.cli.InProcess;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Result;

/**
 * Dumps with wild words in their memory, or damaged files. An input is the length of {@code machine.kemu}, that file,
 * and {@code memory.gz}.
 */
final class DumpTarget implements Target {
    private static final long[] WILD = {
        0,
        1,
        7,
        8,
        0x123,
        -1,
        -8,
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        1L << 20,
        1L << 32,
        0xdead_beef_dead_beefL,
        4096,
        0x20000,
        0x20008,
        0x7fff_ffff,
        0xffff_ffffL
    };

    private final Mutator mutator = new Mutator("frames", "scene", "options", "scenario", "variant=root-recheck");
    private final Path dir;
    private final byte[] head;
    private final byte[] memory;

    DumpTarget(Path folder) throws IOException {
        dir = folder.resolve("dump");
        Subject subject = Subject.of("rmap-hang-child", "root-reread", MemoryModel.SC);
        try (Check check = new Check(subject)) {
            Result found = check.explore("exhaustive", 1, 10_000, () -> 1);
            check.replay(check.schedule(found, 1), () -> {
                try {
                    Dump.write(dir, check.machine(), subject.scenario(), subject.options(), check.sceneHash());
                } catch (IOException full) {
                    throw new UncheckedIOException(full);
                }
            });
        }
        head = Files.readAllBytes(dir.resolve("machine.kemu"));
        try (GZIPInputStream in =
                new GZIPInputStream(new ByteArrayInputStream(Files.readAllBytes(dir.resolve("memory.gz"))))) {
            memory = in.readAllBytes();
        }
    }

    @Override
    public byte[] input(SplittableRandom dice) {
        byte[] first = dice.nextInt(3) == 0 ? mutator.mutate(head, head, dice) : head;
        ByteBuffer words = ByteBuffer.wrap(memory.clone());
        int frames = memory.length / (4 + 4096);
        for (int n = dice.nextInt(5) == 0 ? 3000 : dice.nextInt(60); n > 0; n--) {
            int at = dice.nextInt(frames) * (4 + 4096) + 4 + dice.nextInt(512) * 8;
            long word = words.getLong(at);
            long wild = WILD[dice.nextInt(WILD.length)];
            if (word != 0 || dice.nextInt(8) == 0) {
                words.putLong(at, dice.nextInt(3) == 0 ? word & 0xffff_ffffL | wild << 32 : wild);
            }
        }
        byte[] second = gzip(words.array());
        if (dice.nextInt(10) == 0) {
            second = mutator.mutate(second, head, dice);
        }
        ByteBuffer both = ByteBuffer.allocate(4 + first.length + second.length);
        return both.putInt(first.length).put(first).put(second).array();
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return packed.toByteArray();
    }

    @Override
    public Answer take(byte[] input) throws IOException {
        if (input.length < 4) {
            return Answer.refused("shorter than an input");
        }
        ByteBuffer both = ByteBuffer.wrap(input);
        int length = Math.clamp(both.getInt(), 0, input.length - 4);
        Files.write(dir.resolve("machine.kemu"), java.util.Arrays.copyOfRange(input, 4, 4 + length));
        Files.write(dir.resolve("memory.gz"), java.util.Arrays.copyOfRange(input, 4 + length, input.length));
        String ask = "tasks locks slabs slab anon_vma at 0x20008 anon_vma 0x20000 page pfn:26";
        String[] args = ("inspect " + dir + " " + ask).split(" ");
        InProcess.Said said = InProcess.execute(args);
        return new Answer(said.code(), said.out(), said.err(), null);
    }
}
