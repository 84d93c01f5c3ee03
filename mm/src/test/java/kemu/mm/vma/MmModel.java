package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.file.PageCache;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;

/** What an address space should look like: one entry per page, kept on the host. */
final class MmModel {
    static final int WORD = 2;
    static final int PAGE_SHIFT = PhysMem.PAGE_SHIFT;

    /** A mapped page. {@code value} is what was written privately, null if nothing was. */
    record PageState(long flags, long fileKey, long index, Long value) {
        PageState withValue(Long written) {
            return new PageState(flags, fileKey, index, written);
        }

        PageState withRights(long rights) {
            return new PageState(flags & ~Mprotect.RIGHTS | rights, fileKey, index, value);
        }

        boolean shared() {
            return (flags & VmArea.VM_SHARED) != 0;
        }
    }

    final TreeMap<Long, PageState> pages = new TreeMap<>();
    private final Map<String, Long> fileWrites;
    /** A mapping grew in place up to the next one: Linux does not merge these two. */
    boolean grownToNeighbour;

    MmModel() {
        this(new HashMap<>());
    }

    private MmModel(Map<String, Long> fileWrites) {
        this.fileWrites = fileWrites;
    }

    MmModel copy() {
        MmModel made = new MmModel(fileWrites);
        made.pages.putAll(pages);
        made.grownToNeighbour = grownToNeighbour;
        return made;
    }

    void map(long address, long length, long flags, long fileKey, long pageOffset) {
        for (long i = 0; i < length >> PAGE_SHIFT; i++) {
            pages.put((address >> PAGE_SHIFT) + i, new PageState(flags, fileKey, pageOffset + i, null));
        }
    }

    void unmap(long address, long length) {
        for (long i = 0; i < length >> PAGE_SHIFT; i++) {
            pages.remove((address >> PAGE_SHIFT) + i);
        }
    }

    boolean free(long address, long length) {
        return pages.subMap(address >> PAGE_SHIFT, address + length >> PAGE_SHIFT)
                .isEmpty();
    }

    /** Changes rights up to the first hole; true if there was none. */
    boolean protect(long address, long length, long rights) {
        for (long i = 0; i < length >> PAGE_SHIFT; i++) {
            long page = (address >> PAGE_SHIFT) + i;
            if (!pages.containsKey(page)) {
                return false;
            }
            pages.put(page, pages.get(page).withRights(rights));
        }
        return true;
    }

    boolean dontneed(long address, long length) {
        boolean whole = true;
        for (long i = 0; i < length >> PAGE_SHIFT; i++) {
            long page = (address >> PAGE_SHIFT) + i;
            if (pages.containsKey(page)) {
                pages.put(page, pages.get(page).withValue(null));
            } else {
                whole = false;
            }
        }
        return whole;
    }

    /** Moves {@code length} bytes of pages; more pages of the last kind follow up to {@code newLength}. */
    void move(long from, long to, long length, long newLength) {
        TreeMap<Long, PageState> moved = new TreeMap<>();
        PageState last = null;
        for (long i = 0; i < newLength >> PAGE_SHIFT; i++) {
            PageState state = i < length >> PAGE_SHIFT ? pages.remove((from >> PAGE_SHIFT) + i) : null;
            if (state == null) {
                state = new PageState(last.flags(), last.fileKey(), last.index() + 1, null);
            }
            moved.put((to >> PAGE_SHIFT) + i, state);
            last = state;
        }
        pages.putAll(moved);
    }

    private static String key(PageState state) {
        return state.fileKey() + ":" + state.index();
    }

    long expected(PageState state) {
        if (state.value() != null) {
            return state.value();
        }
        if (state.fileKey() == 0) {
            return 0;
        }
        Long written = fileWrites.get(key(state));
        return written != null ? written : PageCache.contentsOf(state.fileKey(), state.index(), WORD);
    }

    /** Writes through the machine and notes it; checks that rights are enforced. */
    void store(Cpu cpu, Kernel kernel, long mm, long page, long value) {
        PageState state = pages.get(page);
        int status = kernel.userAccess().store64(cpu, mm, (page << PAGE_SHIFT) + 8 * WORD, value);
        if (state == null || (state.flags() & VmArea.VM_WRITE) == 0) {
            assertTrue(status < 0, () -> "store was allowed at page 0x" + Long.toHexString(page));
            return;
        }
        assertEquals(0, status);
        if (state.shared()) {
            fileWrites.put(key(state), value);
        } else {
            pages.put(page, state.withValue(value));
        }
    }

    void load(Cpu cpu, Kernel kernel, long mm, long page) {
        PageState state = pages.get(page);
        if (state == null || (state.flags() & Mprotect.RIGHTS) == 0) {
            int status = kernel.userAccess().load64(cpu, mm, (page << PAGE_SHIFT) + 8 * WORD, 0);
            assertTrue(status < 0, () -> "load was allowed at page 0x" + Long.toHexString(page));
            return;
        }
        int status = kernel.userAccess().load64(cpu, mm, (page << PAGE_SHIFT) + 8 * WORD, expected(state));
        assertEquals(0, status, () -> "wrong contents at page 0x" + Long.toHexString(page) + " " + state);
    }

    void loadAll(Cpu cpu, Kernel kernel, long mm) {
        for (Long page : pages.keySet()) {
            load(cpu, kernel, mm, page);
        }
    }

    /** Every page of the model lies in a VMA of its kind, and no VMA covers more. */
    void compare(Cpu cpu, long mm, String after) {
        long mapped = 0;
        for (long vma = MmStruct.MMAP.get(cpu, mm); vma != 0; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            long first = VmArea.VM_START.get(cpu, vma) >> PAGE_SHIFT;
            long last = VmArea.VM_END.get(cpu, vma) >> PAGE_SHIFT;
            for (long page = first; page < last; page++) {
                PageState state = pages.get(page);
                String where = after + ": page 0x" + Long.toHexString(page) + " of " + VmaTree.describe(cpu, vma);
                assertTrue(state != null, () -> where + " should not be mapped");
                assertEquals(state.flags(), VmArea.VM_FLAGS.get(cpu, vma), where);
                assertEquals(state.fileKey() != 0, VmArea.VM_FILE.get(cpu, vma) != 0, where);
                if (state.fileKey() != 0) {
                    assertEquals(state.index(), VmArea.VM_PGOFF.get(cpu, vma) + page - first, where);
                }
                mapped++;
            }
            if (!grownToNeighbour) {
                checkMergedWithNext(cpu, vma);
            }
        }
        assertEquals(pages.size(), mapped, () -> after + ": pages mapped");
    }

    /** Anonymous neighbours that were never faulted and have equal flags and offsets are one VMA. */
    private static void checkMergedWithNext(Cpu cpu, long vma) {
        long next = VmArea.VM_NEXT.get(cpu, vma);
        if (next == 0
                || VmArea.VM_END.get(cpu, vma) != VmArea.VM_START.get(cpu, next)
                || VmArea.VM_FILE.get(cpu, vma) != 0
                || VmArea.VM_FILE.get(cpu, next) != 0
                || VmArea.ANON_VMA.get(cpu, vma) != 0
                || VmArea.ANON_VMA.get(cpu, next) != 0
                || VmArea.VM_PGOFF.get(cpu, vma) != VmArea.VM_START.get(cpu, vma) >> PAGE_SHIFT
                || VmArea.VM_PGOFF.get(cpu, next) != VmArea.VM_START.get(cpu, next) >> PAGE_SHIFT) {
            return;
        }
        assertNotEquals(VmArea.VM_FLAGS.get(cpu, vma), VmArea.VM_FLAGS.get(cpu, next), "not merged");
    }
}
