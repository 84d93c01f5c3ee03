package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.mlock.Mlocking;
import kemu.mm.mlock.MunlockWalk;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.PageLock;
import kemu.mm.pgtable.MigrationEntries;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * munlock_vma_pages_range: takes VM_LOCKED from a VMA and lets go of its pages. Source: Linux 2.6.36 mm/mlock.c; where
 * the strategy follows mappings, 5.18 mlock_vma_pages_range(), which mlocks as well.
 */
final class MunlockPages {
    private final PageTable pageTable;
    private final PageAllocator pages;
    private final Lru lru;
    private final PageLock pageLock;
    private final Mlocking mlocking;
    private final MunlockWalk walk;
    private final VmaLookup lookup;

    MunlockPages(
            PageTable pageTable,
            PageAllocator pages,
            Lru lru,
            PageLock pageLock,
            Mlocking mlocking,
            MunlockWalk walk,
            VmaLookup lookup) {
        this.pageTable = pageTable;
        this.pages = pages;
        this.lru = lru;
        this.pageLock = pageLock;
        this.mlocking = mlocking;
        this.walk = walk;
        this.lookup = lookup;
    }

    /** munlock of the pages of [start, end) in {@code vma}, whose VM_LOCKED goes first. Context: mmap_sem (W). */
    void munlock(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end) {
        setFlags(cpu, vma, VmArea.VM_FLAGS.get(cpu, vma) & ~VmArea.VM_LOCKED);
        lru.drain(cpu);
        forEachPage(cpu, VmArea.VM_MM.get(cpu, vma), start, end, false);
    }

    /** What mlock() does to pages that are there, where mappings are followed. Context: mmap_sem (W); flags set. */
    void mlockPresent(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end) {
        if (mlocking.followsMappings()) {
            forEachPage(cpu, VmArea.VM_MM.get(cpu, vma), start, end, true);
        }
    }

    /** Before a locked VMA is unmapped; its flag stays where the unmapping itself munlocks. Context: mmap_sem (W). */
    void beforeUnmap(Cpu cpu, @Ref(VmArea.class) long vma) {
        if (mlocking.munlocksBeforeUnmap()) {
            munlock(cpu, vma, VmArea.VM_START.get(cpu, vma), VmArea.VM_END.get(cpu, vma));
        }
    }

    /** The flags that faults and rmap walks see from here on. */
    void setFlags(Cpu cpu, @Ref(VmArea.class) long vma, long flags) {
        lookup.startWrite(cpu, vma);
        VmArea.VM_FLAGS.writeOnce(cpu, vma, flags);
    }

    private void forEachPage(Cpu cpu, long mm, long start, long end, boolean mlock) {
        long at = pageTable.nextPresent(cpu, mm, start, end);
        while (at < end) {
            onePage(cpu, pageTable.find(cpu, mm, at), mlock);
            long next = at + PAGE_SIZE;
            at = next < PageTable.tableEnd(at, end) ? next : pageTable.nextPresent(cpu, mm, next, end);
        }
    }

    private void onePage(Cpu cpu, long pte, boolean mlock) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        long value = cpu.readOnce64(pte);
        // Ends: a page is moved once, unless compaction comes again.
        while (waitsFor(value)) {
            SpinLock.unlock(cpu, lock);
            MigrationEntries.wait(cpu, pages, pageTable, pageLock, pte);
            SpinLock.lock(cpu, lock);
            value = cpu.readOnce64(pte);
        }
        if (!Pte.present(value) || (value & Pte.SPECIAL) != 0) {
            SpinLock.unlock(cpu, lock);
            return;
        }
        long page = pages.pageOf(Pte.frame(value));
        if (mlock ? mlocking.mlockMapped(cpu, page) : mlocking.munlockMapped(cpu, page)) {
            SpinLock.unlock(cpu, lock);
            return;
        }
        Page.get(cpu, page);
        SpinLock.unlock(cpu, lock);
        pageLock.lock(cpu, page);
        if (!mlock) {
            mlocking.munlockPinned(cpu, page, walk);
        }
        pageLock.unlock(cpu, page);
        pages.putPage(cpu, page);
    }

    /**
     * True if a page that is being moved takes PG_mlocked along, so that it must be munlocked at its new place; who
     * follows mappings has munlocked it when it left, and does not mlock it again. Linux passes it here, and it stays
     * mlocked until it is freed: follow_page() waits with FOLL_MIGRATION only, which munlock does not ask for.
     */
    private boolean waitsFor(long value) {
        return Pte.isMigration(value) && !mlocking.followsMappings();
    }

    /** Pages of all VMAs of {@code mm}: total_vm. Context: mmap_sem. */
    static long totalVm(Cpu cpu, @Ref(MmStruct.class) long mm) {
        long total = 0;
        for (long vma = MmStruct.MMAP.get(cpu, mm); vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            total += pagesOf(cpu, vma);
        }
        return total;
    }

    /** vma_pages. */
    static long pagesOf(Cpu cpu, @Ref(VmArea.class) long vma) {
        return VmArea.VM_END.get(cpu, vma) - VmArea.VM_START.get(cpu, vma) >> kemu.hw.mem.PhysMem.PAGE_SHIFT;
    }
}
