package kemu.check.dump;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import kemu.host.SafeFiles;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.PhysMem;
import kemu.hw.mem.TouchedFrames;
import kemu.input.TextFile;

/**
 * The directory {@code dump/}: {@code machine.kemu} says which machine it was, {@code memory.gz} holds every frame that
 * was ever accessed (of a run: those of the kernel), as its number (32 bits) and its 512 words (big-endian), behind
 * each other.
 *
 * @param scenario whose machine it was; {@code run} of a run
 * @param options how that was configured
 * @param sceneHash of memory before the execution
 * @param frames number of frames in {@code memory.gz}
 * @param comms names of commands, by their numbers from 1 on; only of a run
 */
public record Dump(String scenario, String options, long sceneHash, int frames, List<String> comms) {
    private static final String MAGIC = "kemu-dump 1";
    private static final String COMM = "comm ";
    private static final int LARGEST_TEXT = 4 << 20;
    private static final int WORDS = PhysMem.PAGE_SIZE / Long.BYTES;

    /** What makes a directory no dump that can be read here; one line. */
    public static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        Malformed(String message) {
            super(message);
        }
    }

    /** Takes the words of a dump. */
    @FunctionalInterface
    interface Words {
        /** The 64-bit word at {@code address}. */
        void put(long address, long word);
    }

    /** Writes the memory of {@code machine} as it is now to the directory {@code dir}. */
    public static void write(Path dir, EmuMachine machine, String scenario, String options, long sceneHash)
            throws IOException {
        TouchedFrames memory = machine.frames();
        BitSet touched = new BitSet();
        for (int pfn = 0; pfn < memory.count(); pfn++) {
            touched.set(pfn, memory.isTouched(pfn));
        }
        write(dir, touched, memory::word, new Dump(scenario, options, sceneHash, touched.cardinality(), List.of()));
    }

    /** Writes {@code frames}, whose words {@code memory} gives, and what {@code dump} says of them. */
    static void write(Path dir, BitSet frames, LongUnaryOperator memory, Dump dump) throws IOException {
        SafeFiles.write(dir.resolve("memory.gz"), file -> write(file, frames, memory));
        List<String> lines = new ArrayList<>(List.of(
                MAGIC,
                "scenario " + dump.scenario,
                "options " + dump.options,
                "scene " + Long.toHexString(dump.sceneHash),
                "frames " + dump.frames));
        dump.comms.forEach(comm -> lines.add(COMM + comm));
        SafeFiles.writeString(dir.resolve("machine.kemu"), String.join("\n", lines) + "\n");
    }

    private static void write(OutputStream file, BitSet frames, LongUnaryOperator memory) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(new GZIPOutputStream(file)))) {
            for (int pfn = frames.nextSetBit(0); pfn >= 0; pfn = frames.nextSetBit(pfn + 1)) {
                out.writeInt(pfn);
                for (int i = 0; i < WORDS; i++) {
                    out.writeLong(memory.applyAsLong(((long) pfn << PhysMem.PAGE_SHIFT) + 8L * i));
                }
            }
        }
    }

    /** What the dump in {@code dir} is of. */
    public static Dump read(Path dir) throws IOException, Malformed {
        List<String> lines = lines(dir.resolve("machine.kemu"));
        if (lines.isEmpty() || !lines.get(0).startsWith("kemu-dump ")) {
            throw new Malformed("not a dump");
        }
        if (!lines.get(0).equals(MAGIC)) {
            throw new Malformed("dump of version " + shown(lines.get(0).substring(10)) + " (allowed: 1)");
        }
        List<String> values = new ArrayList<>();
        for (String key : new String[] {"scenario ", "options ", "scene ", "frames "}) {
            String line = lines.size() > values.size() + 1 ? lines.get(values.size() + 1) : "";
            if (!line.startsWith(key)) {
                throw new Malformed("machine.kemu:" + (values.size() + 2) + ": no '" + key.strip() + "'");
            }
            values.add(line.substring(key.length()));
        }
        List<String> comms = lines.stream()
                .skip(values.size() + 1L)
                .filter(line -> line.startsWith(COMM))
                .map(line -> line.substring(COMM.length()))
                .toList();
        try {
            return new Dump(
                    values.get(0),
                    values.get(1),
                    Long.parseUnsignedLong(values.get(2), 16),
                    Integer.parseInt(values.get(3)),
                    comms);
        } catch (NumberFormatException bad) {
            throw new Malformed("machine.kemu: " + shown(bad.getMessage()));
        }
    }

    private static List<String> lines(Path file) throws IOException, Malformed {
        try {
            return TextFile.read(file, LARGEST_TEXT).lines().toList();
        } catch (CharacterCodingException binary) {
            throw new Malformed("machine.kemu is no text");
        }
    }

    /** What a line can hold of a word that may be of any length. */
    private static String shown(String word) {
        return word.length() > 80 ? word.substring(0, 80) + "..." : word;
    }

    /** Refuses a dump of a machine whose memory is laid out otherwise than one whose hash is {@code here}. */
    void requireScene(long here) throws Malformed {
        if (sceneHash != here) {
            throw new Malformed("dump is of another build or scene: layout " + Long.toHexString(sceneHash) + ", here "
                    + Long.toHexString(here));
        }
    }

    /** Gives every word in {@code dir} to {@code memory}, which has {@code count} frames. */
    void load(Path dir, int count, Words memory) throws IOException, Malformed {
        if (frames < 0 || frames > count) {
            throw new Malformed("machine.kemu: " + frames + " frames of " + count);
        }
        try (DataInputStream in = new DataInputStream(
                new BufferedInputStream(new GZIPInputStream(Files.newInputStream(dir.resolve("memory.gz")))))) {
            for (int frame = 0; frame < frames; frame++) {
                int pfn = in.readInt();
                if (pfn < 0 || pfn >= count) {
                    throw new Malformed("memory.gz: frame " + pfn + " of " + count);
                }
                long at = (long) pfn << PhysMem.PAGE_SHIFT;
                for (int i = 0; i < WORDS; i++) {
                    long word = in.readLong();
                    // Frame 0 is never mapped.
                    if (at != Cpu.NULL) {
                        memory.put(at + 8L * i, word);
                    }
                }
            }
            if (in.read() >= 0) {
                throw new Malformed("memory.gz: more than the " + frames + " frames of machine.kemu");
            }
        } catch (EOFException truncated) {
            throw new Malformed("memory.gz is truncated");
        }
    }
}
