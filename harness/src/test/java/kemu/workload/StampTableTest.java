package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StampTableTest {
    @Test
    void shouldKeepParentsExpectationsApartFromChildsAfterFork() {
        StampTable parent = new StampTable();
        parent.written(0x5000, 7);
        StampTable child = new StampTable();
        child.written(0x7000, 1);
        child.become(parent);
        child.written(0x5000, 8);
        parent.written(0x6000, 9);
        assertEquals(7, parent.expected(0x5010));
        assertEquals(8, child.expected(0x5010));
        assertEquals(StampTable.UNWRITTEN, child.expected(0x6000));
        assertEquals(StampTable.UNWRITTEN, child.expected(0x7000));
        assertEquals(7, parent.expected(0x5000));
    }

    @Test
    void shouldForgetExactlyTheRangeUnmapped() {
        StampTable table = new StampTable();
        for (int page = 0; page < 100; page++) {
            table.written(page * 4096L, page + 1);
        }
        table.forget(10 * 4096L, 3 * 4096L - 100);
        table.forget(50 * 4096L, 1_000_000_000L);
        for (int page = 0; page < 100; page++) {
            boolean gone = (page >= 10 && page < 13) || page >= 50;
            assertEquals(gone ? StampTable.UNWRITTEN : page + 1, table.expected(page * 4096L));
        }
    }

    @Test
    void shouldSayWhatEachPageHoldsAfterRandomCalls() {
        SplittableRandom random = new SplittableRandom(1);
        int pages = 5_000;
        long base = 0x7f00_0012_3000L;
        long[] stamps = new long[pages];
        StampTable table = new StampTable();
        for (int round = 0; round < 20_000; round++) {
            int page = random.nextInt(pages);
            switch (random.nextInt(8)) {
                case 0 -> {
                    int count = random.nextInt(pages - page);
                    table.forget(base + page * 4096L, count * 4096L);
                    Arrays.fill(stamps, page, page + count, StampTable.UNWRITTEN);
                }
                case 1 -> {
                    StampTable child = new StampTable();
                    child.written(base + page * 4096L, 1);
                    child.become(table);
                    table.clear();
                    table = child;
                }
                default -> {
                    stamps[page] = round + 1;
                    table.written(base + page * 4096L, round + 1);
                }
            }
            int asked = random.nextInt(pages);
            assertEquals(stamps[asked], table.expected(base + asked * 4096L + 16));
        }
    }

    @Test
    void shouldMoveExpectationsWithTheirPages() {
        StampTable table = new StampTable();
        table.written(0x10000, 1);
        table.written(0x11000, 2);
        table.move(0x10000, 0x90000, 0x2000);
        assertEquals(1, table.expected(0x90000));
        assertEquals(2, table.expected(0x91000));
        assertEquals(StampTable.UNWRITTEN, table.expected(0x10000));
    }
}
