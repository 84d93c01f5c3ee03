package kemu.check.dump;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.PhysMem;
import kemu.hw.mem.TouchedFrames;

/**
 * The directory {@code dump/}: {@code machine.kemu} says which machine it was, {@code memory.gz} holds every frame that
 * was ever accessed, as its number (32 bits) and its 512 words (big-endian), behind each other.
 *
 * @param scenario whose machine it was
 * @param options how that was configured
 * @param sceneHash of memory before the execution
 * @param frames number of frames in {@code memory.gz}
 */
public record Dump(String scenario, String options, long sceneHash, int frames) {
    private static final String MAGIC = "kemu-dump 1";
    private static final int WORDS = PhysMem.PAGE_SIZE / Long.BYTES;

    /** What makes a directory no dump that can be read here; one line. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** Writes the memory of {@code machine} as it is now to the directory {@code dir}. */
    public static void write(Path dir, EmuMachine machine, String scenario, String options, long sceneHash)
            throws IOException {
        Files.createDirectories(dir);
        int written = 0;
        TouchedFrames memory = machine.frames();
        try (DataOutputStream out = new DataOutputStream(
                new BufferedOutputStream(new GZIPOutputStream(Files.newOutputStream(dir.resolve("memory.gz")))))) {
            for (int pfn = 0; pfn < memory.count(); pfn++) {
                if (memory.isTouched(pfn)) {
                    written++;
                    out.writeInt(pfn);
                    for (int i = 0; i < WORDS; i++) {
                        out.writeLong(memory.word(((long) pfn << PhysMem.PAGE_SHIFT) + 8L * i));
                    }
                }
            }
        }
        Files.write(
                dir.resolve("machine.kemu"),
                List.of(
                        MAGIC,
                        "scenario " + scenario,
                        "options " + options,
                        "scene " + Long.toHexString(sceneHash),
                        "frames " + written));
    }

    /** What the dump in {@code dir} is of. */
    public static Dump read(Path dir) throws IOException, Malformed {
        List<String> lines = Files.readAllLines(dir.resolve("machine.kemu"));
        if (lines.isEmpty() || !lines.get(0).startsWith("kemu-dump ")) {
            throw new Malformed("not a dump");
        }
        if (!lines.get(0).equals(MAGIC)) {
            throw new Malformed("dump of version " + lines.get(0).substring(10) + " (allowed: 1)");
        }
        List<String> values = new ArrayList<>();
        for (String key : new String[] {"scenario ", "options ", "scene ", "frames "}) {
            String line = lines.size() > values.size() + 1 ? lines.get(values.size() + 1) : "";
            if (!line.startsWith(key)) {
                throw new Malformed("machine.kemu:" + (values.size() + 2) + ": no '" + key.strip() + "'");
            }
            values.add(line.substring(key.length()));
        }
        try {
            return new Dump(
                    values.get(0),
                    values.get(1),
                    Long.parseUnsignedLong(values.get(2), 16),
                    Integer.parseInt(values.get(3)));
        } catch (NumberFormatException bad) {
            throw new Malformed("machine.kemu: " + bad.getMessage());
        }
    }

    /** Puts the memory in {@code dir} into the frames of {@code machine}. */
    void load(Path dir, EmuMachine machine) throws IOException, Malformed {
        TouchedFrames memory = machine.frames();
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(new GZIPInputStream(Files.newInputStream(dir.resolve("memory.gz")))))) {
            for (int frame = 0; frame < frames; frame++) {
                int pfn = in.readInt();
                if (pfn < 0 || pfn >= memory.count()) {
                    throw new Malformed("memory.gz: frame " + pfn + " of " + memory.count());
                }
                long at = (long) pfn << PhysMem.PAGE_SHIFT;
                for (int i = 0; i < WORDS; i++) {
                    long word = in.readLong();
                    // Frame 0 is never mapped.
                    if (at != Cpu.NULL) {
                        memory.put(at + 8L * i, Long.BYTES, word);
                    }
                }
            }
        } catch (EOFException truncated) {
            throw new Malformed("memory.gz is truncated");
        }
    }
}
