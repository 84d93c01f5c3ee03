package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Tags;
import kemu.hw.layout.Ref;
import kemu.kernel.locking.SpinLock;
import kemu.mm.file.AddressSpace;
import kemu.mm.page.Page;
import kemu.mm.page.PageLock;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.rcu.list.ListHead;

/**
 * Walks from a page to the ptes that map it. What a lookup returns may be stale, so every VMA met is checked: the
 * page's number must lie in its range and its pte must map this very page. A stale walk costs time, never correctness.
 *
 * <p>A walk is bounded: it ends when it has met as many ptes as the page counts, at the latest after one round of the
 * list. Source: Linux 2.6.36 mm/rmap.c.
 */
public final class RmapWalk {
    /** Result of {@link #tryToUnmap}: no pte maps the page any more. */
    public static final int SWAP_SUCCESS = 0;
    /** Result: some pte remains, try again later. */
    public static final int SWAP_AGAIN = 1;
    /** Result: cannot be unmapped. */
    public static final int SWAP_FAIL = 2;
    /** Result: a locked VMA maps the page, which is mlocked now. */
    public static final int SWAP_MLOCK = 3;

    /** Bit in the result of {@link #pageReferenced}: accessed through an executable mapping. */
    public static final int REFERENCED_EXEC = 1 << 30;
    /** Bit in the same: a locked VMA maps the page. */
    public static final int REFERENCED_LOCKED = 1 << 29;

    private static final int LOOKUP_TAG = Tags.tag("page_lock_anon_vma");
    private static final int WALK_TAG = Tags.tag("rmap_walk");

    private final PageTable pageTable;
    private final PageVma pageVma;
    private final PageLock pageLock;
    private final AnonVmaLocking locking;
    private final AnonVmaIndex index;
    private final UnmapOne unmapOne;
    /** Null: there are no KSM pages. */
    private final MergedPages merged;

    private final RmapVisitor references = this::referenced;
    private final RmapVisitor unmaps = this::unmapped;

    /** {@code merged} is null if there are no KSM pages. Boot only. */
    public RmapWalk(
            PageLock pageLock,
            PageTable pageTable,
            PageVma pageVma,
            AnonVmaLocking locking,
            AnonVmaIndex index,
            UnmapOne unmapOne,
            MergedPages merged) {
        this.merged = merged;
        this.index = index;
        this.pageLock = pageLock;
        this.pageTable = pageTable;
        this.pageVma = pageVma;
        this.locking = locking;
        this.unmapOne = unmapOne;
    }

    /**
     * page_referenced: how many ptes say the page was accessed since the last call; clears them.
     * {@link #REFERENCED_EXEC} is set if one of them belongs to code. The page's own flag is the caller's business.
     * Context: the caller holds a reference, and the page lock if {@code locked}; may sleep with some strategies.
     */
    public int pageReferenced(Cpu cpu, @Ref(Page.class) long page, boolean locked) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if (!Page.isMapped(cpu, page) || mapping == 0) {
            return 0;
        }
        if ((mapping & Page.MAPPING_ANON) != 0 && !MergedPages.isMerged(mapping)) {
            return walkAnon(cpu, page, false);
        }
        // The page lock keeps the file, or the list of a KSM page; without it the page counts as used.
        if (!locked && !pageLock.tryLock(cpu, page)) {
            return 1;
        }
        int referenced = 0;
        mapping = Page.MAPPING.readOnce(cpu, page);
        if (mapping != 0 && (mapping & Page.MAPPING_ANON) == 0) {
            referenced = walkFile(cpu, page, mapping, false);
        } else if (MergedPages.isMerged(mapping)) {
            referenced = (int) merged.walk(cpu, page, references);
        }
        if (!locked) {
            pageLock.unlock(cpu, page);
        }
        return referenced;
    }

    /**
     * try_to_unmap: replaces every pte of the page (anonymous: by swap entries); one of the codes. Context: page lock.
     */
    public int tryToUnmap(Cpu cpu, @Ref(Page.class) long page) {
        long mapping = Page.MAPPING.readOnce(cpu, page);
        int result = SWAP_AGAIN;
        if (MergedPages.isMerged(mapping)) {
            result = (int) merged.walk(cpu, page, unmaps);
            result = result == SWAP_SUCCESS ? SWAP_AGAIN : result;
        } else if ((mapping & Page.MAPPING_ANON) != 0) {
            result = walkAnon(cpu, page, true);
        } else if (mapping != 0) {
            result = walkFile(cpu, page, mapping, true);
        }
        if (result == SWAP_AGAIN) {
            cpu.tell(Event.RMAP_WALKED, page, Event.MAY_MISS);
        }
        return result == SWAP_AGAIN && !Page.isMapped(cpu, page) ? SWAP_SUCCESS : result;
    }

    /** page_referenced_anon or try_to_unmap_anon. */
    private int walkAnon(Cpu cpu, long page, boolean unmap) {
        long start = cpu.clock();
        long anonVma = locking.pageLockAnonVma(cpu, page);
        long locked = cpu.clock();
        cpu.record(LOOKUP_TAG, locked - start);
        int result = unmap ? SWAP_AGAIN : 0;
        if (anonVma == Cpu.NULL) {
            return result;
        }
        int budget = Page.MAPCOUNT.readOnce(cpu, page) + 1;
        long at = index.first(cpu, anonVma, page);
        for (; at != Cpu.NULL; at = index.next(cpu, anonVma, at, page)) {
            long vma = AnonVmaChain.VMA.get(cpu, at);
            if (unmap) {
                result = unmapOne(cpu, page, vma);
                if (result != SWAP_AGAIN || !Page.isMapped(cpu, page)) {
                    break;
                }
            } else {
                int seen = referencedOne(cpu, page, vma);
                if (seen > 0) {
                    result = addReference(cpu, result, vma);
                } else if (seen == LOCKED) {
                    result |= REFERENCED_LOCKED;
                    break;
                }
                budget -= seen != NOT_MAPPED ? 1 : 0;
                if (budget <= 0) {
                    break;
                }
            }
        }
        locking.pageUnlockAnonVma(cpu, anonVma);
        cpu.record(WALK_TAG, cpu.clock() - locked);
        return result;
    }

    /** page_referenced_file or try_to_unmap_file. */
    private int walkFile(Cpu cpu, long page, long mapping, boolean unmap) {
        long start = cpu.clock();
        int result = unmap ? SWAP_AGAIN : 0;
        int budget = Page.MAPCOUNT.readOnce(cpu, page) + 1;
        SpinLock.lock(cpu, AddressSpace.I_MMAP_LOCK.of(mapping));
        long head = AddressSpace.I_MMAP.of(mapping);
        for (long at = ListHead.first(cpu, head); at != head && budget > 0; at = ListHead.next(cpu, at)) {
            long vma = VmArea.SHARED.containerOf(at);
            if (unmap) {
                result = unmapOne(cpu, page, vma);
                if (result != SWAP_AGAIN || !Page.isMapped(cpu, page)) {
                    break;
                }
            } else {
                int seen = referencedOne(cpu, page, vma);
                if (seen > 0) {
                    result = addReference(cpu, result, vma);
                } else if (seen == LOCKED) {
                    result |= REFERENCED_LOCKED;
                    break;
                }
                budget -= seen != NOT_MAPPED ? 1 : 0;
            }
        }
        SpinLock.unlock(cpu, AddressSpace.I_MMAP_LOCK.of(mapping));
        cpu.record(WALK_TAG, cpu.clock() - start);
        return result;
    }

    private static int addReference(Cpu cpu, int referenced, long vma) {
        boolean code = (VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_EXEC) != 0;
        return referenced + 1 | (code ? REFERENCED_EXEC : 0);
    }

    private static final int NOT_MAPPED = -1;
    private static final int LOCKED = -2;

    /**
     * page_referenced_one: 1 if the VMA's pte was accessed, 0 if not, {@link #NOT_MAPPED} if the VMA does not map the
     * page, {@link #LOCKED} if it does, and is locked.
     */
    private int referencedOne(Cpu cpu, long page, long vma) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        return address == Errno.EFAULT ? NOT_MAPPED : referencedAt(cpu, page, vma, address);
    }

    private int referencedAt(Cpu cpu, long page, long vma, long address) {
        long pte = pageVma.pageCheckAddress(cpu, page, VmArea.VM_MM.get(cpu, vma), address);
        if (pte == Cpu.NULL) {
            return NOT_MAPPED;
        }
        boolean locked = (VmArea.VM_FLAGS.readOnce(cpu, vma) & VmArea.VM_LOCKED) != 0;
        // No flush: an access under way that misses the cleared bit only makes the page look older.
        boolean young = !locked && (cpu.readOnce64(pte) & Pte.ACCESSED) != 0;
        if (young) {
            cpu.fetchAnd64(pte, ~Pte.ACCESSED, kemu.hw.order.Order.RELAXED);
        }
        SpinLock.unlock(cpu, pageTable.lockOf(cpu, pte));
        if (locked) {
            return LOCKED;
        }
        return young ? 1 : 0;
    }

    /** page_referenced_ksm, one place. */
    private long referenced(Cpu cpu, long page, long vma, long address, long soFar) {
        int seen = referencedAt(cpu, page, vma, address);
        if (seen > 0) {
            return addReference(cpu, (int) soFar, vma);
        }
        return seen == LOCKED ? soFar | REFERENCED_LOCKED | RmapVisitor.STOP : soFar;
    }

    /** try_to_unmap_ksm, one place. */
    private long unmapped(Cpu cpu, long page, long vma, long address, long soFar) {
        int result = unmapOne.tryToUnmapOne(cpu, page, vma, address);
        return result != SWAP_AGAIN || !Page.isMapped(cpu, page) ? result | RmapVisitor.STOP : result;
    }

    private int unmapOne(Cpu cpu, long page, long vma) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        return address == Errno.EFAULT ? SWAP_AGAIN : unmapOne.tryToUnmapOne(cpu, page, vma, address);
    }
}
