package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class StampTableTest {
    @Test
    void shouldKeepParentsExpectationsApartFromChildsAfterFork() {
        StampTable parent = new StampTable();
        parent.written(0x5000, 7);
        StampTable child = parent.forked();
        child.written(0x5000, 8);
        parent.written(0x6000, 9);
        assertEquals(7, parent.expected(0x5010));
        assertEquals(8, child.expected(0x5010));
        assertEquals(StampTable.UNWRITTEN, child.expected(0x6000));
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
