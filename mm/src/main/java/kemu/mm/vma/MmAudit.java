package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;
import static kemu.hw.mem.PhysMem.PAGE_SIZE;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.file.AddressSpace;
import kemu.mm.file.Inode;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pmd;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.rmap.MergedPages;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;
import kemu.rcu.list.RbTree;

/** The consistency oracle of an mm. Builds text only about what is wrong. */
final class MmAudit {
    private static final int TABLE_ENTRIES = 512;

    private final PageAllocator pages;
    private final PageTable pageTable;

    MmAudit(PageAllocator pages, PageTable pageTable) {
        this.pages = pages;
        this.pageTable = pageTable;
    }

    /** As {@link Mms#auditMm}. */
    String audit(Cpu cpu, @Ref(MmStruct.class) long mm) {
        String wrong = auditList(cpu, mm);
        if (wrong == null) {
            wrong = auditTree(cpu, mm);
        }
        return wrong == null ? auditPtes(cpu, mm) : wrong;
    }

    private static String auditList(Cpu cpu, long mm) {
        long prev = Cpu.NULL;
        int count = 0;
        long locked = 0;
        for (long vma = MmStruct.MMAP.get(cpu, mm); vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            long start = VmArea.VM_START.get(cpu, vma);
            long end = VmArea.VM_END.get(cpu, vma);
            if (start >= end || ((start | end) & PAGE_SIZE - 1) != 0 || end > PageTable.TASK_SIZE) {
                return "bad range: " + VmaTree.describe(cpu, vma);
            }
            if (VmArea.VM_PREV.get(cpu, vma) != prev) {
                return "wrong vm_prev: " + VmaTree.describe(cpu, vma);
            }
            if (prev != Cpu.NULL && VmArea.VM_END.get(cpu, prev) > start) {
                return "overlap: " + VmaTree.describe(cpu, prev) + " and " + VmaTree.describe(cpu, vma);
            }
            if (VmArea.VM_MM.get(cpu, vma) != mm) {
                return "foreign vma: " + VmaTree.describe(cpu, vma);
            }
            if (++count > VmaAdjust.MAX_MAP_COUNT + 4) {
                return "vma list does not end";
            }
            prev = vma;
            locked += (VmArea.VM_FLAGS.get(cpu, vma) & VmArea.VM_LOCKED) != 0 ? end - start >> PAGE_SHIFT : 0;
        }
        if (locked != MmStruct.LOCKED_VM.get(cpu, mm)) {
            return "locked_vm is " + MmStruct.LOCKED_VM.get(cpu, mm) + ", locked vmas have " + locked + " pages";
        }
        int expected = MmStruct.MAP_COUNT.get(cpu, mm);
        return count == expected ? null : "map_count is " + expected + ", the list has " + count;
    }

    private static String auditTree(Cpu cpu, long mm) {
        RbTree.validate(cpu, MmStruct.MM_RB.of(mm));
        long vma = MmStruct.MMAP.get(cpu, mm);
        long node = RbTree.first(cpu, MmStruct.MM_RB.of(mm));
        // Ends: the list was found to be finite.
        while (vma != Cpu.NULL) {
            if (node != VmArea.VM_RB.of(vma)) {
                return "tree and list differ at " + VmaTree.describe(cpu, vma);
            }
            node = RbTree.next(cpu, node);
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
        long cached = MmStruct.MMAP_CACHE.readOnce(cpu, mm);
        // After the last user nobody looks.
        boolean used = MmStruct.MM_USERS.readOnce(cpu, mm) != 0;
        if (used && cached != Cpu.NULL && VmaTree.findPrev(cpu, mm, VmArea.VM_END.get(cpu, cached)) != cached) {
            return "mmap_cache is not a vma of the mm: 0x" + Long.toHexString(cached);
        }
        return node == Cpu.NULL ? null : "the tree has more nodes than the list";
    }

    private String auditPtes(Cpu cpu, long mm) {
        long anon = 0;
        long file = 0;
        long swap = 0;
        long at = pageTable.nextPresent(cpu, mm, 0, PageTable.TASK_SIZE);
        while (at < PageTable.TASK_SIZE) {
            long base = at & -PageTable.PMD_SIZE;
            long pmd = pageTable.findHuge(cpu, mm, at);
            if (pmd != Cpu.NULL) {
                String wrong = auditHuge(cpu, mm, base, cpu.read64(pmd));
                if (wrong != null) {
                    return wrong;
                }
                anon += Page.HUGE_FRAMES;
                at = pageTable.nextPresent(cpu, mm, base + PageTable.PMD_SIZE, PageTable.TASK_SIZE);
                continue;
            }
            long table = pageTable.findTable(cpu, mm, at);
            for (int i = 0; i < TABLE_ENTRIES; i++) {
                long value = cpu.read64(table + (long) i * Long.BYTES);
                if (value == 0) {
                    continue;
                }
                String wrong = auditPte(cpu, mm, base + ((long) i << PAGE_SHIFT), value);
                if (wrong != null) {
                    return wrong;
                }
                if (Pte.isSwap(value)) {
                    swap++;
                } else if (!Pte.present(value)) {
                    continue;
                } else if ((value & Pte.SPECIAL) == 0) {
                    if (Page.isAnon(cpu, pages.pageOf(Pte.frame(value)))) {
                        anon++;
                    } else {
                        file++;
                    }
                }
            }
            at = pageTable.nextPresent(cpu, mm, base + PageTable.PMD_SIZE, PageTable.TASK_SIZE);
        }
        return auditCounters(cpu, mm, anon, file, swap);
    }

    private String auditPte(Cpu cpu, long mm, long address, long value) {
        String where = "pte 0x" + Long.toHexString(value) + " at 0x" + Long.toHexString(address);
        long vma = VmaTree.findIntersection(cpu, mm, address, address + PAGE_SIZE);
        if (vma == Cpu.NULL) {
            return where + " outside of any vma";
        }
        if (beyondEnd(cpu, vma, address)) {
            return where + " beyond the end of the file in " + VmaTree.describe(cpu, vma);
        }
        if (Pte.isMigration(value)) {
            return where + " is a migration entry, and nothing is moving";
        }
        if (!Pte.present(value)) {
            return null;
        }
        long flags = VmArea.VM_FLAGS.get(cpu, vma);
        if (Pte.userWritable(value) && (flags & VmArea.VM_WRITE) == 0) {
            return where + " is writable in read-only " + VmaTree.describe(cpu, vma);
        }
        if (Pte.userReadable(value) && (flags & Mprotect.RIGHTS) == 0) {
            return where + " is accessible in barred " + VmaTree.describe(cpu, vma);
        }
        if ((value & Pte.SPECIAL) != 0) {
            return null;
        }
        String wrong = auditPage(cpu, vma, address, pages.pageOf(Pte.frame(value)));
        return wrong == null ? null : where + " " + wrong + " in " + VmaTree.describe(cpu, vma);
    }

    /** A huge page lies wholly in one VMA, and nobody is splitting it. */
    private String auditHuge(Cpu cpu, long mm, long address, long value) {
        String where = "pmd 0x" + Long.toHexString(value) + " at 0x" + Long.toHexString(address);
        long vma = VmaTree.findIntersection(cpu, mm, address, address + PAGE_SIZE);
        if (vma == Cpu.NULL
                || VmArea.VM_START.get(cpu, vma) > address
                || VmArea.VM_END.get(cpu, vma) < address + PageTable.PMD_SIZE) {
            return where + " is not wholly in one vma";
        }
        if (Pmd.isSplitting(value) || !Pte.present(value)) {
            return where + " is being split, and nobody does";
        }
        if (!Page.test(cpu, pages.pageOf(Pte.frame(value)), Page.PG_HUGE)) {
            return where + " maps a small page";
        }
        return auditPte(cpu, mm, address, value);
    }

    /** No truncation of the file is under way. */
    private static boolean beyondEnd(Cpu cpu, long vma, long address) {
        long file = VmArea.VM_FILE.get(cpu, vma);
        long host = file == Cpu.NULL ? Cpu.NULL : AddressSpace.HOST.get(cpu, file);
        long pgoff = VmArea.VM_PGOFF.get(cpu, vma) + (address - VmArea.VM_START.get(cpu, vma) >> PAGE_SHIFT);
        return host != Cpu.NULL && Inode.beyondEnd(cpu, host, pgoff);
    }

    /** A mapped page is alive, belongs where it is mapped, and its rmap walk comes to this VMA. */
    private static String auditPage(Cpu cpu, long vma, long address, long page) {
        if (Page.COUNT.readOnce(cpu, page) <= 0 || !Page.isMapped(cpu, page)) {
            return "maps " + Page.describe(cpu, page);
        }
        long pgoff = VmArea.VM_PGOFF.get(cpu, vma) + (address - VmArea.VM_START.get(cpu, vma) >> PAGE_SHIFT);
        if (MergedPages.isMerged(cpu, page)) {
            return null;
        }
        if (Page.INDEX.readOnce(cpu, page) != pgoff) {
            return "maps index " + Page.INDEX.readOnce(cpu, page) + " at offset " + pgoff;
        }
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if ((mapping & Page.MAPPING_ANON) == 0) {
            return mapping == VmArea.VM_FILE.get(cpu, vma) ? null : "maps a page of another file";
        }
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            if (AnonVmaChain.ANON_VMA.get(cpu, AnonVmaChain.SAME_VMA.containerOf(at)) == mapping - Page.MAPPING_ANON) {
                return null;
            }
        }
        return "maps a page whose anon_vma is not on the chain";
    }

    private String auditCounters(Cpu cpu, long mm, long anon, long file, long swap) {
        if (MmStruct.ANON_RSS.readOnce(cpu, mm) != anon
                || MmStruct.FILE_RSS.readOnce(cpu, mm) != file
                || MmStruct.SWAPENTS.readOnce(cpu, mm) != swap) {
            return "rss counters anon " + MmStruct.ANON_RSS.readOnce(cpu, mm) + " file "
                    + MmStruct.FILE_RSS.readOnce(cpu, mm) + " swap " + MmStruct.SWAPENTS.readOnce(cpu, mm)
                    + ", ptes say " + anon + " " + file + " " + swap;
        }
        long tables = MmStruct.NR_PTES.get(cpu, mm);
        long counted = pageTable.countTables(cpu, mm);
        return tables == counted ? null : "nr_ptes is " + tables + ", there are " + counted;
    }
}
