package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

class UserMemoriesTest {
    private static final long ADDRESS = 0x7f00_0000_0000L;

    private final UserMemories memories = new UserMemories();

    @Test
    void shouldBeTakenAgainEmptyOnceTheLastUserIsGone() {
        UserMemory parents = memories.take();
        parents.map().map(ADDRESS, 4096, 5, 0, false);
        parents.stamps().written(ADDRESS, 7);
        UserMemory shared = parents.share();
        assertSame(parents, shared);
        shared.release();
        assertEquals(7, parents.stamps().expected(ADDRESS));
        assertNotSame(parents, memories.take());
        parents.release();
        UserMemory next = memories.take();
        assertSame(parents, next);
        assertEquals(UserMap.ANONYMOUS, next.map().find(ADDRESS));
        assertEquals(StampTable.UNWRITTEN, next.stamps().expected(ADDRESS));
    }

    @Test
    void shouldTellAChildWhatItsParentKnows() {
        UserMemory parent = memories.take();
        parent.map().map(ADDRESS, 3 * 4096, 5, 2, true);
        parent.stamps().written(ADDRESS, 7);
        UserMemory child = parent.forked();
        child.stamps().written(ADDRESS, 8);
        child.map().unmap(ADDRESS, 4096);
        assertEquals(7, parent.stamps().expected(ADDRESS));
        int range = child.map().find(ADDRESS + 4096);
        assertEquals(3, child.map().indexOf(range, ADDRESS + 4096));
        assertEquals(UserMap.ANONYMOUS, child.map().find(ADDRESS));
        assertEquals(0, parent.map().find(ADDRESS));
    }
}
