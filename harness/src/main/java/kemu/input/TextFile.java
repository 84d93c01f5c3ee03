package kemu.input;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small text files, read whole. */
public final class TextFile {
    private TextFile() {}

    /**
     * The text of {@code file}, a byte order mark left out.
     *
     * @throws TooLargeException if it holds more than {@code limitBytes}, or has no end, as a device may
     * @throws CharacterCodingException if it is not UTF-8
     */
    public static String read(Path file, int limitBytes) throws IOException {
        return decode(bytes(file, limitBytes));
    }

    /** As {@link #read}, the bytes as they are. */
    public static byte[] bytes(Path file, int limitBytes) throws IOException {
        try (InputStream in = new BoundedStream(Files.newInputStream(file), "a file", limitBytes)) {
            return in.readAllBytes();
        }
    }

    /** The text of {@code bytes}, which must be UTF-8. */
    public static String decode(byte[] bytes) throws CharacterCodingException {
        String text = StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes))
                .toString();
        return text.startsWith("\ufeff") ? text.substring(1) : text;
    }
}
