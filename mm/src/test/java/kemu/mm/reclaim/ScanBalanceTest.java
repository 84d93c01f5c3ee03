package kemu.mm.reclaim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicLongArray;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScanBalanceTest {
    private static final int PAGES = 300;
    /** So many that the other share, of lists in use whenever they were looked at, rounds to nothing. */
    private static final long FILE_PAGES_NEVER_IN_USE = 1L << 40;

    /** Or a machine full of anonymous pages is out of memory as soon as its few file pages cannot be freed. */
    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldTakeAllOfBothOnTheLastPassHoweverSmallTheShareOfOne(String kind) {
        AtomicLongArray found = new AtomicLongArray(3);
        try (ReclaimLab lab = new ReclaimLab(kind, 8 << 20, 1, 7, 2000)) {
            lab.run(cpu -> look(lab, cpu, found));
        }
        assertEquals(0, found.get(1), "a share that is nothing");
        assertTrue(found.get(2) >= PAGES, "anonymous pages there: " + found.get(2));
        assertEquals(found.get(2), found.get(0), "anonymous pages that the last pass takes");
    }

    private static void look(ReclaimLab lab, Cpu cpu, AtomicLongArray found) {
        lab.mapAnon(cpu, ReclaimLab.BASE, PAGES);
        for (int page = 0; page < PAGES; page++) {
            assertTrue(lab.store(cpu, ReclaimLab.BASE + (long) page * ReclaimLab.PAGE, page + 1L));
        }
        Kernel kernel = lab.kernel;
        long statePage = kernel.pages().allocPages(cpu, Gfp.KERNEL | Gfp.ZERO, 0);
        long controlPage = kernel.pages().allocPages(cpu, Gfp.KERNEL | Gfp.ZERO, 0);
        long control = kernel.pages().frameOf(controlPage);
        Lru lru = kernel.lru();
        lru.drain(cpu);
        ScanBalance balance = new ScanBalance(
                kernel.pages(), lru, kernel.swap(), kernel.pages().frameOf(statePage));
        balance.note(cpu, Lru.INACTIVE_FILE, FILE_PAGES_NEVER_IN_USE, 0);
        balance.note(cpu, Lru.INACTIVE_ANON, PAGES, PAGES);
        ScanControl.PRIORITY.set(cpu, control, 2);
        balance.setScanCounts(cpu, control);
        found.set(1, anon(cpu, control));
        ScanControl.PRIORITY.set(cpu, control, 0);
        balance.setScanCounts(cpu, control);
        found.set(0, anon(cpu, control));
        found.set(2, lru.size(cpu, Lru.INACTIVE_ANON) + lru.size(cpu, Lru.ACTIVE_ANON));
        kernel.pages().freePages(cpu, statePage, 0);
        kernel.pages().freePages(cpu, controlPage, 0);
    }

    private static long anon(Cpu cpu, long control) {
        return cpu.read64(ScanControl.toScan(control, Lru.INACTIVE_ANON))
                + cpu.read64(ScanControl.toScan(control, Lru.ACTIVE_ANON));
    }
}
