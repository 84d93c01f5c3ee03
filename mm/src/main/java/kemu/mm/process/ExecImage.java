package kemu.mm.process;

/**
 * A program as exec maps it: constants, made by the workload before the machine runs. Segment {@code i} covers
 * {@code length[i]} bytes at {@code address[i]}.
 *
 * @param comm id of the command name ({@link kemu.kernel.task.Comms#number})
 * @param address page-aligned addresses
 * @param length lengths in bytes, multiples of the page size
 * @param flags VM_ bits
 * @param fileKey files by key; 0 for anonymous memory
 * @param pageOffset offsets in the file, in pages
 * @param brk where the heap starts; 0 for no heap
 */
public record ExecImage(
        int comm, long[] address, long[] length, long[] flags, long[] fileKey, long[] pageOffset, long brk) {
    /** Number of segments. */
    public int segments() {
        return address.length;
    }
}
