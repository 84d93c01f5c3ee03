package kemu.hw.mem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PhysMemTest {
    private static final Path STATUS = Path.of("/proc/self/status");

    private static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(STATUS)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
            }
        }
        return 0;
    }

    @Test
    void shouldCostHostOnlyWhatIsTouched() throws IOException {
        long size = 4L << 30;
        assumeTrue(Files.isReadable(STATUS), "needs " + STATUS);
        assumeTrue(PhysMem.maxHostBytes() >= size, "needs a host with more than 4 GiB");
        long before = residentBytes();
        try (PhysMem memory = new PhysMem(size)) {
            for (long frame = PhysMem.PAGE_SIZE; frame < size; frame += 64L << 20) {
                memory.clearFrame(frame);
            }
            long grown = residentBytes() - before;
            assertTrue(grown < 256L << 20, () -> "reserving 4 GiB made " + (grown >> 20) + " MiB resident");
        }
    }

    @Test
    void shouldRefuseMoreMemoryThanHostHas() {
        long tooMuch = PhysMem.maxHostBytes() + (1L << 30);
        OutOfMemoryError refused = null;
        // Not assertThrows, which lets errors of the JVM through.
        try {
            new PhysMem(tooMuch).close();
        } catch (OutOfMemoryError error) {
            refused = error;
        }
        assertNotNull(refused);
        assertTrue(refused.getMessage().contains("this host allows at most"), refused.getMessage());
        assertEquals(1, refused.getMessage().lines().count());
    }

    @Test
    void shouldRefuseLessThanTwoFrames() {
        assertThrows(IllegalArgumentException.class, () -> new PhysMem(PhysMem.PAGE_SIZE).close());
        assertThrows(IllegalArgumentException.class, () -> new PhysMem(-1).close());
    }

    @Test
    void shouldRoundUpToWholeFramesAndCrossBanks() {
        try (PhysMem memory = new PhysMem((1L << 30) + 5000)) {
            assertEquals((1L << 30) + 8192, memory.sizeBytes());
            assertEquals(0, memory.host((1L << 30) - 4096, 4096) % PhysMem.PAGE_SIZE);
            assertEquals(0, memory.host(1L << 30, 4096) % PhysMem.PAGE_SIZE);
            assertThrows(KernelOops.class, () -> memory.host((1L << 30) + 8192, 4));
        }
    }
}
