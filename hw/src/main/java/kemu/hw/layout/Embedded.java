package kemu.hw.layout;

/**
 * A struct inside a struct.
 *
 * @param name qualified name
 * @param offset bytes from the start of the outer struct
 * @param layout layout of the inner struct
 */
public record Embedded(String name, int offset, StructLayout layout) {
    /** Address of the inner struct in the outer one at {@code base}. */
    public long of(long base) {
        return base + offset;
    }

    /** Address of the outer struct around the inner one at {@code inner} ({@code container_of}). */
    public long containerOf(long inner) {
        return inner - offset;
    }
}
