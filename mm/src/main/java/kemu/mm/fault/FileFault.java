package kemu.mm.fault;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.FilemapFault;
import kemu.mm.file.PageCache;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.page.VmStat;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.rmap.PageRmap;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/**
 * do_linear_fault: first touch of a mapped file. A private write copies at once and never maps the file's page; a read
 * maps it read-only; a shared write maps it writable and dirty. Source: Linux 2.6.36 mm/memory.c __do_fault().
 */
final class FileFault {
    private static final int READ_TAG = Tags.tag("fault_file_read");
    private static final int COPY_TAG = Tags.tag("fault_cow_file");
    private static final int SHARED_WRITE_TAG = Tags.tag("fault_shared_write");

    private final VmStat vmStat;
    private final AnonVmas anonVmas;
    private final PageRmap pageRmap;
    private final PageTable pageTable;
    private final PageAllocator pages;
    private final PageCache pageCache;
    private final FilemapFault filemapFault;

    FileFault(
            VmStat vmStat,
            PageAllocator pages,
            PageTable pageTable,
            PageCache pageCache,
            FilemapFault filemapFault,
            AnonVmas anonVmas,
            PageRmap pageRmap) {
        this.vmStat = vmStat;
        this.anonVmas = anonVmas;
        this.pageRmap = pageRmap;
        this.pageTable = pageTable;
        this.pages = pages;
        this.pageCache = pageCache;
        this.filemapFault = filemapFault;
    }

    int serve(Cpu cpu, @Ref(VmArea.class) long vma, long address, long pte, boolean write, long start) {
        long mapping = VmArea.VM_FILE.get(cpu, vma);
        long index = PageRmap.indexOf(cpu, vma, address);
        if (AddressSpace.HOST.get(cpu, mapping) != Cpu.NULL) {
            return serveLocked(cpu, vma, address, pte, mapping, index, write, start);
        }
        int code = Faults.MINOR;
        long page = pageCache.find(cpu, mapping, index);
        if (page == Cpu.NULL || !Page.test(cpu, page, Page.PG_UPTODATE)) {
            if (page != Cpu.NULL) {
                pages.putPage(cpu, page);
            }
            code = Faults.MAJOR;
            vmStat.inc(cpu, VmStatItem.PGMAJFAULT);
            page = pageCache.findOrRead(cpu, mapping, index);
            if (page == Cpu.NULL) {
                return Faults.OOM;
            }
        }
        return mapOrCopy(cpu, vma, address, pte, page, write, start) ? code : Faults.OOM;
    }

    /** The same for a file that may be truncated: the page stays locked until the pte is there. */
    private int serveLocked(
            Cpu cpu, long vma, long address, long pte, long mapping, long index, boolean write, long start) {
        long found = filemapFault.fault(cpu, mapping, index);
        if (found == Cpu.NULL || found == FilemapFault.SIGBUS) {
            return found == Cpu.NULL ? Faults.OOM : Faults.SIGBUS;
        }
        long page = found & ~FilemapFault.MAJOR;
        Page.get(cpu, page);
        boolean served = mapOrCopy(cpu, vma, address, pte, page, write, start);
        filemapFault.release(cpu, page);
        if (!served) {
            return Faults.OOM;
        }
        return found == page ? Faults.MINOR : Faults.MAJOR;
    }

    /** Drops a reference on the page; false if memory is out. */
    private boolean mapOrCopy(Cpu cpu, long vma, long address, long pte, long page, boolean write, long start) {
        boolean shared = (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_SHARED) != 0;
        if (write && !shared) {
            return copy(cpu, vma, address, pte, page, start);
        }
        map(cpu, vma, pte, page, write);
        cpu.recordSince(write ? SHARED_WRITE_TAG : READ_TAG, start);
        return true;
    }

    /** Maps the file's page itself; the caller's reference becomes the pte's. */
    private void map(Cpu cpu, long vma, long pte, long page, boolean write) {
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        boolean mine = cpu.readOnce64(pte) == 0;
        if (mine) {
            MmStruct.FILE_RSS.add(cpu, VmArea.VM_MM.get(cpu, vma), 1);
            pageRmap.pageAddFileRmap(cpu, page);
            pageRmap.mlockIfLocked(cpu, page, vma);
            if (write) {
                pageCache.setPageDirty(cpu, page);
            }
            long flags = write ? Pte.RW | Pte.DIRTY | Pte.ACCESSED : Pte.ACCESSED;
            cpu.storeRelease64(pte, Pte.make(pages.frameOf(page), flags), FaultBarriers.SET_PTE);
        }
        SpinLock.unlock(cpu, lock);
        if (!mine) {
            pages.putPage(cpu, page);
        }
    }

    /** Maps a copy; false if memory is out. Drops the reference on the file's page. */
    private boolean copy(Cpu cpu, long vma, long address, long pte, long filePage, long start) {
        long page = Cpu.NULL;
        if (anonVmas.anonVmaPrepare(cpu, vma) == 0) {
            page = pages.allocPages(cpu, Gfp.USER, 0);
        }
        if (page == Cpu.NULL) {
            pages.putPage(cpu, filePage);
            return false;
        }
        cpu.copyFrame(pages.frameOf(page), pages.frameOf(filePage));
        pages.putPage(cpu, filePage);
        long lock = pageTable.lockOf(cpu, pte);
        SpinLock.lock(cpu, lock);
        boolean mine = cpu.readOnce64(pte) == 0;
        if (mine) {
            MmStruct.ANON_RSS.add(cpu, VmArea.VM_MM.get(cpu, vma), 1);
            pageRmap.pageAddNewAnonRmap(cpu, page, vma, address);
            long value = Pte.make(pages.frameOf(page), Pte.RW | Pte.DIRTY | Pte.ACCESSED);
            cpu.storeRelease64(pte, value, FaultBarriers.SET_PTE);
        }
        SpinLock.unlock(cpu, lock);
        if (!mine) {
            pages.putPage(cpu, page);
        }
        cpu.recordSince(COPY_TAG, start);
        return true;
    }
}
