package kemu.workload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.report.RunReport;
import kemu.report.Verdict;
import org.junit.jupiter.api.Test;

/** Each oracle of a phase fires on a kernel that is wrong in just the way it is there for, and says what is wrong. */
class RestAuditTest {
    private static final long BASE = 0x7000_0000_0000L;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    /** Does something wrong to a kernel with one mm, whose only page is {@code page}, mlocked. */
    private interface Sabotage {
        void run(Kernel kernel, Cpu cpu, long mm, long page);
    }

    private static final class Once extends OneRound {
        private final Kernel kernel;
        private final Sabotage sabotage;

        Once(Kernel kernel, Sabotage sabotage) {
            this.kernel = kernel;
            this.sabotage = sabotage;
        }

        @Override
        void once(Cpu cpu) {
            RestAudit audit = new RestAudit(kernel, cpu);
            long mm = kernel.mms().mmAlloc(cpu);
            kernel.mmap().mmap(cpu, mm, BASE, PhysMem.PAGE_SIZE, RW, true, Cpu.NULL, 0);
            kernel.userAccess().store64(cpu, mm, BASE, 1);
            assertEquals(0, kernel.mlock().mlock(cpu, mm, BASE, PhysMem.PAGE_SIZE));
            long pte = kernel.pageTable().find(cpu, mm, BASE);
            audit.watch(mm);
            audit.audit(cpu, "before the fault");
            sabotage.run(kernel, cpu, mm, kernel.pages().pageOf(Pte.frame(cpu.readOnce64(pte))));
            audit.audit(cpu, "after phase 3");
            audit.forget(mm);
            kernel.mms().mmput(cpu, mm);
            audit.auditEmpty(cpu, "after round 1");
        }
    }

    private static RunReport run(String mlock, Sabotage sabotage) throws IOException {
        return OneRound.run(16L << 20, 0, "mmap-sem", mlock, (kernel, counts) -> new Once(kernel, sabotage));
    }

    private static void assertSays(String expected, Sabotage sabotage) throws IOException {
        RunReport report = run("with-barrier", sabotage);
        assertEquals(Verdict.FAIL, report.verdict(), report::text);
        assertTrue(report.text().contains("BUG: at rest after phase 3: " + expected), report::text);
    }

    @Test
    void shouldPassWhenNothingIsWrong() throws IOException {
        RunReport report = run("with-barrier", (kernel, cpu, mm, page) -> {});
        assertEquals(Verdict.PASS, report.verdict(), report::text);
    }

    @Test
    void shouldNoticeMlockedPagesThatAreNotCounted() throws IOException {
        assertSays(
                "nr_mlock is 2, 1 pages have PG_mlocked",
                (kernel, cpu, mm, page) -> kernel.vmStat().inc(cpu, VmStatItem.NR_MLOCK));
        assertSays("free with PG_mlocked: page:0x", (kernel, cpu, mm, page) -> {
            long free = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
            kernel.pages().putPage(cpu, free);
            Page.FLAGS.setBits(cpu, free, Page.PG_MLOCKED);
        });
    }

    @Test
    void shouldNoticeListsThatDisagree() throws IOException {
        assertSays("PG_unevictable, but on no LRU list: page:0x", (kernel, cpu, mm, page) -> {
            kernel.lru().isolate(cpu, page);
            Page.FLAGS.setBits(cpu, page, Page.PG_UNEVICTABLE);
        });
        assertSays(
                "LRU list 4 holds 1 pages, its count is 2",
                (kernel, cpu, mm, page) -> kernel.vmStat().addZone(cpu, VmStatItem.NR_UNEVICTABLE, 1));
        assertSays(
                "on LRU list 4: page:0x",
                (kernel, cpu, mm, page) -> Page.FLAGS.clearBits(cpu, page, Page.PG_UNEVICTABLE));
    }

    @Test
    void shouldNoticeStrandedAndLostPages() throws IOException {
        assertSays("stranded on the unevictable list: page:0x", (kernel, cpu, mm, page) -> {
            Page.FLAGS.clearBits(cpu, page, Page.PG_MLOCKED);
            kernel.vmStat().add(cpu, VmStatItem.NR_MLOCK, -1);
        });
        assertSays("lost, on no LRU list and in no pagevec: page:0x", (kernel, cpu, mm, page) -> {
            kernel.lru().isolate(cpu, page);
            Page.FLAGS.clearBits(cpu, page, Page.PG_UNEVICTABLE);
            kernel.pages().putPage(cpu, page);
        });
    }

    @Test
    void shouldNoticeReferencesAndAddressSpaces() throws IOException {
        assertSays("1 references that nobody accounts for: page:0x", (kernel, cpu, mm, page) -> Page.get(cpu, page));
        assertSays("mm 0x", (kernel, cpu, mm, page) -> MmStruct.LOCKED_VM.set(cpu, mm, 7));
    }

    @Test
    void shouldNoticePagesFreedMlockedOnlyWhereNoneMayBe() throws IOException {
        Sabotage freed = (kernel, cpu, mm, page) -> kernel.vmStat().inc(cpu, VmStatItem.UNEVICTABLE_MLOCKFREED);
        assertEquals(Verdict.PASS, run("with-barrier", freed).verdict());
        RunReport report = run("rmap-counted-locked", freed);
        assertEquals(Verdict.FAIL, report.verdict(), report::text);
        assertTrue(report.text().contains("unevictable_pgs_mlockfreed is 1"), report::text);
    }

    @Test
    void shouldNoticeWhatIsLeftAtTheEnd() throws IOException {
        RunReport report = run(
                "rmap-counted-locked", (kernel, cpu, mm, page) -> kernel.mms().mmget(cpu, mm));
        assertEquals(Verdict.FAIL, report.verdict(), report::text);
        assertTrue(report.text().contains("BUG: at rest after round 1: nr_mlock is 1, not 0"), report::text);
    }
}
