package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import kemu.hw.mem.PhysMem;
import org.junit.jupiter.api.Test;

class UserMapTest {
    private static final int PAGE = PhysMem.PAGE_SIZE;

    @Test
    void shouldSayWhatEachPageHoldsAfterRandomCalls() {
        SplittableRandom random = new SplittableRandom(1);
        UserMap map = new UserMap();
        int pages = 64;
        long[] key = new long[pages];
        long[] index = new long[pages];
        for (int round = 0; round < 20_000; round++) {
            int start = random.nextInt(pages);
            int count = 1 + random.nextInt(pages - start);
            long file = random.nextInt(4);
            long offset = random.nextInt(100);
            if (random.nextInt(3) == 0) {
                map.unmap((long) start * PAGE, (long) count * PAGE - 5);
                file = 0;
            } else {
                map.map((long) start * PAGE, (long) count * PAGE - 7, file, offset, false);
            }
            for (int i = 0; i < count; i++) {
                key[start + i] = file;
                index[start + i] = offset + i;
            }
            check(map, random.nextInt(pages), key, index);
        }
    }

    private static void check(UserMap map, int page, long[] key, long[] index) {
        int range = map.find((long) page * PAGE + 8);
        if (key[page] == 0) {
            assertEquals(UserMap.ANONYMOUS, range);
        } else {
            assertEquals(key[page], map.fileKey(range));
            assertEquals(index[page], map.indexOf(range, (long) page * PAGE));
        }
        int end = page;
        while (end < key.length && (key[end] == 0) == (key[page] == 0) && key[page] == 0) {
            end++;
        }
        if (key[page] == 0) {
            long expected = end == key.length ? Long.MAX_VALUE : (long) end * PAGE;
            assertEquals(expected, map.runEnd((long) page * PAGE));
        }
    }
}
