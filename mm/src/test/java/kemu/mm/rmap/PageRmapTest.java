package kemu.mm.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageRmapTest {
    private static long page(MmLab lab, Cpu cpu, long mm, int page) {
        return lab.kernel.pages().pageOf(Pte.frame(lab.pte(cpu, mm, page)));
    }

    private static long isolated(MmLab lab, Cpu cpu, long page) {
        lab.kernel.lru().drainAll(cpu);
        assertTrue(lab.kernel.lru().isolate(cpu, page));
        return page;
    }

    @ParameterizedTest
    @ValueSource(strings = {"root-recheck", "root-reread", "root-rwsem"})
    void shouldFindEveryPteAndForgetAccess(String anonVma) {
        try (MmLab lab = MmLab.boot("emu", 1, 1, anonVma, "debug")) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 2);
                lab.write(cpu, mm, 0, 1);
                long[] children = new long[3];
                for (int i = 0; i < 3; i++) {
                    children[i] = lab.kernel.mms().dupMm(cpu, mm);
                    lab.expect(cpu, children[i], 0, 1);
                }
                lab.expect(cpu, mm, 0, 1);
                long page = isolated(lab, cpu, page(lab, cpu, mm, 0));
                assertEquals(3, Page.MAPCOUNT.readOnce(cpu, page));
                assertEquals(4, lab.kernel.rmapWalk().pageReferenced(cpu, page, false));
                assertEquals(0, lab.kernel.rmapWalk().pageReferenced(cpu, page, false));
                lab.expect(cpu, children[1], 0, 1);
                assertEquals(1, lab.kernel.rmapWalk().pageReferenced(cpu, page, false));
                lab.kernel.lru().putback(cpu, page);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"root-recheck", "root-reread", "root-rwsem"})
    void shouldReplaceEveryPteBySwapEntryAndBringThePageBack(String anonVma) {
        try (MmLab lab = MmLab.boot("emu", 1, 1, anonVma, "debug")) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 2);
                lab.write(cpu, mm, 0, 99);
                long child = lab.kernel.mms().dupMm(cpu, mm);
                long page = isolated(lab, cpu, page(lab, cpu, mm, 0));
                lab.kernel.pageLock().lock(cpu, page);
                assertTrue(lab.kernel.swap().addToSwap(cpu, page));
                lab.kernel.rmapWalk().pageReferenced(cpu, page, true);
                assertEquals(RmapWalk.SWAP_SUCCESS, lab.kernel.rmapWalk().tryToUnmap(cpu, page));
                assertFalse(Page.isMapped(cpu, page));
                assertTrue(Page.test(cpu, page, Page.PG_DIRTY));
                assertTrue(Page.isAnon(cpu, page), "mapping stays until the page is freed");
                long entry = Page.PRIVATE.get(cpu, page);
                assertEquals(Pte.ofSwap(entry), lab.pte(cpu, mm, 0));
                assertEquals(Pte.ofSwap(entry), lab.pte(cpu, child, 0));
                lab.kernel.pageLock().unlock(cpu, page);
                lab.kernel.lru().putback(cpu, page);

                lab.expect(cpu, child, 0, 99);
                lab.write(cpu, mm, 0, 100);
                lab.expect(cpu, child, 0, 99);
                lab.expect(cpu, mm, 0, 100);
                lab.kernel.mms().mmput(cpu, mm);
                lab.kernel.mms().mmput(cpu, child);
                assertEquals(0, lab.kernel.swap().usedEntries(cpu));
                assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu));
            });
        }
    }

    @Test
    void shouldUnmapFilePageEverywhereAndKeepItsDirtiness() {
        try (MmLab lab = MmLab.boot("emu", 1, 1)) {
            lab.run(cpu -> {
                long file = lab.kernel.files().open(cpu, 5);
                long[] mms = new long[4];
                for (int i = 0; i < mms.length; i++) {
                    mms[i] = lab.kernel.mms().mmAlloc(cpu);
                    long flags = VmArea.VM_READ | VmArea.VM_SHARED | (i == 0 ? VmArea.VM_WRITE : VmArea.VM_EXEC);
                    // Every mapping has the page elsewhere; the last one does not reach it.
                    long length = (i < 3 ? 8L : 1L) * MmLab.PAGE;
                    lab.kernel.mmap().mmap(cpu, mms[i], MmLab.BASE, length, flags, true, file, i);
                }
                lab.write(cpu, mms[0], 3, 77);
                lab.expect(cpu, mms[1], 2, 77);
                lab.expect(cpu, mms[2], 1, 77);
                long page = isolated(lab, cpu, page(lab, cpu, mms[2], 1));
                assertEquals(2, Page.MAPCOUNT.readOnce(cpu, page));
                lab.kernel.pageLock().lock(cpu, page);
                int seen = lab.kernel.rmapWalk().pageReferenced(cpu, page, true);
                assertEquals(3 | RmapWalk.REFERENCED_EXEC, seen);
                Page.FLAGS.clearBits(cpu, page, Page.PG_DIRTY);
                assertEquals(RmapWalk.SWAP_SUCCESS, lab.kernel.rmapWalk().tryToUnmap(cpu, page));
                assertTrue(Page.test(cpu, page, Page.PG_DIRTY), "the pte was dirty");
                for (int i = 0; i < 3; i++) {
                    assertEquals(0, lab.pte(cpu, mms[i], 3 - i));
                    assertEquals(0, MmStruct.FILE_RSS.readOnce(cpu, mms[i]));
                }
                lab.kernel.pageLock().unlock(cpu, page);
                lab.kernel.lru().putback(cpu, page);
                lab.expect(cpu, mms[1], 2, 77);
                for (long mm : mms) {
                    lab.kernel.mms().mmput(cpu, mm);
                }
                lab.kernel.files().put(cpu, file);
            });
        }
    }

    @Test
    void shouldLeavePageThatWasAccessedAgainOrIsLocked() {
        try (MmLab lab = MmLab.boot("emu", 1, 1)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 1);
                lab.write(cpu, mm, 0, 1);
                long page = isolated(lab, cpu, page(lab, cpu, mm, 0));
                lab.kernel.pageLock().lock(cpu, page);
                assertTrue(lab.kernel.swap().addToSwap(cpu, page));
                assertEquals(RmapWalk.SWAP_FAIL, lab.kernel.rmapWalk().tryToUnmap(cpu, page));
                long vma = lab.vma(cpu, mm);
                VmArea.VM_FLAGS.set(cpu, vma, VmArea.VM_FLAGS.get(cpu, vma) | VmArea.VM_LOCKED);
                assertEquals(RmapWalk.SWAP_MLOCK, lab.kernel.rmapWalk().tryToUnmap(cpu, page));
                VmArea.VM_FLAGS.set(cpu, vma, VmArea.VM_FLAGS.get(cpu, vma) & ~VmArea.VM_LOCKED);
                assertEquals(RmapWalk.SWAP_SUCCESS, lab.kernel.rmapWalk().tryToUnmap(cpu, page));
                lab.kernel.pageLock().unlock(cpu, page);
                lab.kernel.lru().putback(cpu, page);
                // The only owner writes: the page leaves the swap cache and is the writer's own.
                lab.write(cpu, mm, 0, 2);
                assertFalse(Page.test(cpu, page, Page.PG_SWAPCACHE));
                assertEquals(0, lab.kernel.swap().usedEntries(cpu));
                assertTrue((lab.pte(cpu, mm, 0) & Pte.RW) != 0);
                assertEquals(0, MmStruct.SWAPENTS.readOnce(cpu, mm));
                lab.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    /** A child swaps in what its parent wrote: the page must point to the root, since the child may go first. */
    @Test
    void shouldPointToTheRootWhenSwapInIsNotExclusive() {
        try (MmLab lab = MmLab.boot("emu", 1, 1)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 1);
                lab.write(cpu, mm, 0, 1);
                long child = lab.kernel.mms().dupMm(cpu, mm);
                PageRmap rmap = lab.kernel.pageRmap();
                long page = lab.kernel.pages().allocPages(cpu, 0, 0);
                lab.kernel.pageLock().lock(cpu, page);
                rmap.pageAddAnonRmap(cpu, page, lab.vma(cpu, child), MmLab.BASE, false);
                long root = VmArea.ANON_VMA.get(cpu, lab.vma(cpu, mm));
                assertEquals(root | Page.MAPPING_ANON, Page.MAPPING.readOnce(cpu, page));
                rmap.pageRemoveRmap(cpu, page);
                // Once anonymous it keeps its value, exclusive or not.
                rmap.pageAddAnonRmap(cpu, page, lab.vma(cpu, child), MmLab.BASE, true);
                assertEquals(root | Page.MAPPING_ANON, Page.MAPPING.readOnce(cpu, page));
                rmap.pageRemoveRmap(cpu, page);
                lab.kernel.pageLock().unlock(cpu, page);
            });
        }
    }

    @Test
    void shouldReportPageUnmappedOnceTooOften() {
        try (MmLab lab = MmLab.boot("emu", 1, 1)) {
            KernelBug bug = assertThrows(
                    KernelBug.class,
                    () -> lab.run(cpu -> {
                        long page = lab.kernel.pages().allocPages(cpu, 0, 0);
                        lab.kernel.pageRmap().pageRemoveRmap(cpu, page);
                    }));
            assertTrue(bug.getMessage().contains("Bad page map"), bug.getMessage());
        }
    }
}
