package kemu.hw.race;

import static org.junit.jupiter.api.Assertions.assertEquals;

import kemu.hw.mem.PhysMem;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a CPU does before its first fence or release is seen by every other, in every execution. */
class FirstEpochTest {
    private static final long WORD = 0x2000;

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0", "0, 2", "2, 0", "1, 2", "2, 1"})
    void shouldReportWhoeverComesFirst(int reader, int writer) {
        try (PhysMem memory = new PhysMem(1 << 20)) {
            RaceDetector detector = new RaceDetector(memory, 3, cpu -> cpu, false, false, false);
            for (int execution = 0; execution < 3; execution++) {
                detector.begin();
                detector.plainRead(reader, WORD, 8);
                detector.plainWrite(writer, WORD, 8);
                assertEquals(1, detector.found().size(), "execution " + execution);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 0", "0, 2", "2, 0", "1, 2", "2, 1"})
    void shouldTakeAWholeFrameForAPlainStoreOfItsCpu(int owner, int late) {
        try (PhysMem memory = new PhysMem(1 << 20)) {
            RaceDetector detector = new RaceDetector(memory, 3, cpu -> cpu, false, false, false);
            detector.begin();
            detector.frameWrite(owner, WORD);
            detector.plainRead(owner, WORD, 8);
            detector.plainWrite(owner, WORD + 8, 8);
            assertEquals(0, detector.found().size());
            detector.plainRead(late, WORD + 16, 8);
            assertEquals(1, detector.found().size());
        }
    }
}
