package kemu.hw.mem;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * Asks the host to back memory by huge pages, as the JVM's heap is by its option: a walk through emulated memory then
 * misses the host's TLB less often. Hosts that do not know the call, or do not want to, go on as before.
 */
final class HugePagesOfHost {
    /** Less than this is emulated for checks, which are over before the call is linked. */
    private static final long LEAST_BYTES = 16L << 20;
    /** Of madvise(2), Linux. */
    private static final int MADV_HUGEPAGE = 14;

    private HugePagesOfHost() {}

    /** Asks for huge pages from {@code address}, a multiple of the host's page size, on. */
    @SuppressWarnings("restricted")
    static void advise(long address, long bytes) {
        if (bytes < LEAST_BYTES || !System.getProperty("os.name").equals("Linux")) {
            return;
        }
        Linker linker = Linker.nativeLinker();
        linker.defaultLookup().find("madvise").ifPresent(symbol -> {
            FunctionDescriptor type = FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT);
            call(linker.downcallHandle(symbol, type), address, bytes);
        });
    }

    private static void call(MethodHandle madvise, long address, long bytes) {
        try {
            // What it returns makes no difference: it is advice.
            int ignored = (int) madvise.invokeExact(MemorySegment.ofAddress(address), bytes, MADV_HUGEPAGE);
        } catch (Throwable impossible) {
            throw new AssertionError("a downcall throws nothing", impossible);
        }
    }
}
