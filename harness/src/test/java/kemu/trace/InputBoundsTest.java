package kemu.trace;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;
import kemu.input.BoundedStream;
import kemu.input.TextFile;
import kemu.input.TooLargeException;
import kemu.trace.model.TraceException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/** Small files that unpack to much, and files without an end: a line names the bound. */
class InputBoundsTest {
    @TempDir
    private Path folder;

    private String refusal(Path file) {
        TraceException e = assertThrows(TraceException.class, () -> Traces.load(file, LoadOptions.DEFAULT));
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
        return e.getMessage();
    }

    private static void zeros(OutputStream out, int mebibytes) throws IOException {
        byte[] block = new byte[1 << 20];
        for (int i = 0; i < mebibytes; i++) {
            out.write(block);
        }
    }

    @Test
    void shouldRefuseALineThatUnpacksToMoreThanMemory() throws IOException {
        Path file = folder.resolve("bomb.strace.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            zeros(out, 64);
        }
        assertTrue(Files.size(file) < 100_000);
        String line = refusal(file);
        assertTrue(line.contains("bomb.strace.gz:1: ") && line.contains("one line of more than 16 MiB"), line);
    }

    @Test
    void shouldRefuseADictionaryThatIsTooLarge() throws IOException {
        Path file = folder.resolve("wide.strace.xz");
        LZMA2Options wide = new LZMA2Options(0);
        wide.setDictSize(1 << 20);
        try (OutputStream out = new XZOutputStream(Files.newOutputStream(file), wide)) {
            out.write('1');
        }
        byte[] bytes = Files.readAllBytes(file);
        // The header of the block says how wide its dictionary is, in a byte, and has a checksum of its own.
        int at = 12;
        int size = (bytes[at] + 1) * 4;
        for (int i = at; i < at + size - 4; i++) {
            if (bytes[i] == 0x21 && bytes[i + 1] == 1) {
                bytes[i + 2] = 37;
            }
        }
        java.util.zip.CRC32 crc = new java.util.zip.CRC32();
        crc.update(bytes, at, size - 4);
        for (int i = 0; i < 4; i++) {
            bytes[at + size - 4 + i] = (byte) (crc.getValue() >> 8 * i);
        }
        Files.write(file, bytes);
        String line = refusal(file);
        assertTrue(line.contains("xz dictionary needs 1536 MiB (allowed: 130 MiB)"), line);
    }

    @Test
    void shouldCountWhatAStreamGives() throws IOException {
        byte[] ten = new byte[10];
        assertArrayEquals(ten, new BoundedStream(new ByteArrayInputStream(ten), "it", 10).readAllBytes());
        for (long limit : new long[] {0, 1, 9}) {
            BoundedStream bounded = new BoundedStream(new ByteArrayInputStream(ten), "it", limit);
            TooLargeException large = assertThrows(TooLargeException.class, bounded::readAllBytes);
            assertEquals("it of more than " + limit + " bytes", large.getMessage());
        }
        BoundedStream single = new BoundedStream(new ByteArrayInputStream(ten), "it", 1);
        assertEquals(0, single.read());
        assertThrows(TooLargeException.class, single::read);
    }

    @Test
    void shouldReadTextWithABoundAndWithoutAMark() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "\ufeffabc");
        assertEquals("abc", TextFile.read(file, 6));
        assertThrows(TooLargeException.class, () -> TextFile.read(file, 5));
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, 0});
        assertThrows(CharacterCodingException.class, () -> TextFile.read(binary, 100));
        Path endless = Path.of("/dev/zero");
        if (Files.exists(endless)) {
            assertThrows(TooLargeException.class, () -> TextFile.read(endless, 1 << 20));
        }
    }
}
