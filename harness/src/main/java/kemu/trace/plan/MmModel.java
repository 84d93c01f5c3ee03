package kemu.trace.plan;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import java.util.ArrayList;
import java.util.List;
import kemu.trace.model.Op;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.Steps;

/**
 * Offline model of one mm: which pages are mapped, and what accessing each would do. It follows the recorded calls, not
 * a kernel: VMAs are split where calls say so and never merged (merging changes no fault).
 */
public final class MmModel {
    /** Pages at the top of the stack that execve itself may have filled with arguments. */
    private static final int ARGUMENT_PAGES = 2;

    private final List<Vma> vmas = new ArrayList<>();
    private final List<long[]> offLimits = new ArrayList<>();
    private int clock;
    private long heapEnd;

    /** Empty: what a root has before it execs. */
    public MmModel() {}

    /** What execve leaves. */
    public MmModel(ProcessImage image) {
        for (int i = 0; i < image.segments(); i++) {
            int kind = image.kind(i);
            long start = image.start(i) >> PAGE_SHIFT;
            long end = start + (image.length(i) >> PAGE_SHIFT);
            boolean special = kind == ProcessImage.VVAR || kind == ProcessImage.VDSO;
            boolean stack = kind == ProcessImage.STACK;
            Vma v = new Vma(
                    start,
                    end,
                    image.prot(i),
                    false,
                    image.file(i),
                    image.offset(i) >> PAGE_SHIFT,
                    special,
                    stack,
                    clock++,
                    false);
            for (int p = 0; stack && p < ARGUMENT_PAGES; p++) {
                v.setState(v.pages() - 1 - p, PageState.DEAD);
            }
            vmas.add(v);
        }
        heapEnd = image.heapStart();
    }

    List<Vma> vmas() {
        return vmas;
    }

    /** An exact copy, for planning the same stretch again. */
    MmModel copy() {
        MmModel a = new MmModel();
        for (Vma v : vmas) {
            a.vmas.add(v.copy());
        }
        a.offLimits.addAll(offLimits);
        a.clock = clock;
        a.heapEnd = heapEnd;
        return a;
    }

    /** Takes over the content of another, which must not be used any more. */
    void become(MmModel other) {
        vmas.clear();
        vmas.addAll(other.vmas);
        offLimits.clear();
        offLimits.addAll(other.offLimits);
        clock = other.clock;
        heapEnd = other.heapEnd;
    }

    /** Forks: returns the child's mm and write-protects what both share now. */
    public MmModel fork() {
        MmModel child = copy();
        for (int k = 0; k < vmas.size(); k++) {
            Vma mine = vmas.get(k);
            Vma its = child.vmas.get(k);
            if (mine.pristine()) {
                continue;
            }
            for (int i = 0; i < mine.pages(); i++) {
                byte s = mine.state(i);
                mine.setState(i, PageState.forkedParent(s, mine.shared));
                its.setState(i, PageState.forkedChild(s, mine.shared));
            }
        }
        return child;
    }

    /** Follows one memory call; ops that are none change nothing. */
    public void apply(Steps ops, int i) {
        switch (ops.op(i)) {
            case Op.MMAP -> map(ops.arg(i, 0), ops.arg(i, 1), (int) ops.arg(i, 2), (int) ops.arg(i, 3), ops, i);
            case Op.MUNMAP -> unmap(page(ops.arg(i, 0)), page(ops.arg(i, 0) + ops.arg(i, 1)));
            case Op.MPROTECT -> protect(page(ops.arg(i, 0)), page(ops.arg(i, 0) + ops.arg(i, 1)), (int) ops.arg(i, 2));
            case Op.MREMAP ->
                move(
                        page(ops.arg(i, 0)),
                        page(ops.arg(i, 0) + ops.arg(i, 1)),
                        page(ops.arg(i, 3)),
                        page(ops.arg(i, 3) + ops.arg(i, 2)));
            case Op.BRK -> brk(ops.arg(i, 1));
            case Op.MADVISE -> advise(page(ops.arg(i, 0)), page(ops.arg(i, 0) + ops.arg(i, 1)), (int) ops.arg(i, 2));
            default -> {}
        }
    }

    /** Nothing in the range is touched from now on, whatever gets mapped there. */
    void putOffLimits(long start, long end) {
        offLimits.add(new long[] {start, end});
        int from = splitAt(start);
        int to = splitAt(end);
        for (int k = from; k < to; k++) {
            Vma v = vmas.get(k);
            vmas.set(k, v.part(v.start, v.end, v.prot, true, v.born));
        }
    }

    /** VMAs as a kernel would count them, neighbours that it would merge taken as one. */
    public int vmaCount() {
        int n = 0;
        Vma before = null;
        for (Vma v : vmas) {
            n += before != null && mergeable(before, v) ? 0 : 1;
            before = v;
        }
        return n;
    }

    /** Pages of private writable mappings, touched or not. */
    public long privateWritablePages() {
        long n = 0;
        for (Vma v : vmas) {
            n += v.privateWritable() ? v.end - v.start : 0;
        }
        return n;
    }

    /** Whether {@code pages} from {@code address} on are mapped and may be read, or written if {@code write}. */
    public boolean allows(long address, long pages, boolean write) {
        long end = page(address) + pages;
        for (long at = page(address); at < end; ) {
            Vma v = at(at);
            if (v == null || !(write ? v.writable() : v.readable())) {
                return false;
            }
            at = v.end;
        }
        return true;
    }

    /** Parts of {@code [start, start + length)} where nothing is mapped, as address ranges. */
    List<long[]> holes(long start, long length) {
        List<long[]> holes = new ArrayList<>();
        long end = page(start + length);
        for (long at = page(start); at < end; ) {
            int k = floor(at);
            if (k >= 0 && at < vmas.get(k).end) {
                at = vmas.get(k).end;
                continue;
            }
            long next = k + 1 < vmas.size() ? Math.min(end, vmas.get(k + 1).start) : end;
            holes.add(new long[] {at << PAGE_SHIFT, next << PAGE_SHIFT});
            at = next;
        }
        return holes;
    }

    /** Whether nothing is mapped there. */
    boolean isFree(long start, long length) {
        List<long[]> holes = holes(start, length);
        return holes.size() == 1 && holes.get(0)[0] == start && holes.get(0)[1] == start + length;
    }

    /** Whether a kernel has the range in one VMA. */
    boolean isOne(long start, long length) {
        long end = page(start + length);
        Vma before = at(page(start));
        if (before == null) {
            return false;
        }
        while (before.end < end) {
            Vma next = at(before.end);
            if (next == null || !mergeable(before, next)) {
                return false;
            }
            before = next;
        }
        return true;
    }

    /** The VMA holding a page, or null. */
    Vma at(long page) {
        int k = floor(page);
        return k >= 0 && page < vmas.get(k).end ? vmas.get(k) : null;
    }

    private static boolean mergeable(Vma a, Vma b) {
        return a.end == b.start
                && a.prot == b.prot
                && a.shared == b.shared
                && a.file == b.file
                && a.stack == b.stack
                && a.accounted == b.accounted
                && (a.file < 0 || a.filePage + (a.end - a.start) == b.filePage);
    }

    private void map(long address, long length, int prot, int flags, Steps ops, int i) {
        long start = page(address);
        long end = page(address + length);
        if (end <= start) {
            return;
        }
        unmap(start, end);
        boolean shared = (flags & Op.MAP_SHARED) != 0;
        int file = (int) ops.arg(i, 4);
        insert(new Vma(start, end, prot, shared, file, page(ops.arg(i, 5)), hit(start, end), false, clock++, false));
    }

    /** Whether threads of the process map or unmap there. */
    boolean isOffLimits(long start, long length) {
        return hit(page(start), page(start + length));
    }

    private boolean hit(long start, long end) {
        for (long[] r : offLimits) {
            if (r[0] < end && r[1] > start) {
                return true;
            }
        }
        return false;
    }

    private void unmap(long start, long end) {
        if (end > start) {
            int from = splitAt(start);
            int to = splitAt(end);
            vmas.subList(from, to).clear();
        }
    }

    private void protect(long start, long end, int prot) {
        if (end <= start) {
            return;
        }
        int from = splitAt(start);
        int to = splitAt(end);
        for (int k = from; k < to; k++) {
            Vma before = vmas.get(k);
            Vma v = before.part(before.start, before.end, prot, before.offLimits, before.born);
            if (!before.pristine()) {
                for (int i = 0; i < v.pages(); i++) {
                    v.setState(i, PageState.protectedState(v.state(i), before.writable(), v.accessible()));
                }
            }
            vmas.set(k, v);
        }
    }

    /** Moved pages stay present but are only read afterwards. */
    private void move(long oldStart, long oldEnd, long newStart, long newEnd) {
        Vma old = at(oldStart);
        if (old == null || newEnd <= newStart || oldEnd <= oldStart) {
            return;
        }
        Vma part = old.part(oldStart, Math.min(oldEnd, old.end));
        unmap(oldStart, oldEnd);
        unmap(newStart, newEnd);
        Vma v = new Vma(
                newStart, newEnd, old.prot, old.shared, old.file, part.filePage, old.offLimits, false, clock++, false);
        for (int i = 0; !part.pristine() && !v.untouchable() && i < Math.min(part.pages(), v.pages()); i++) {
            byte s = part.state(i);
            v.setState(i, s == PageState.WRITTEN || s == PageState.COW ? PageState.PRESENT : s);
        }
        insert(v);
    }

    private void brk(long newEnd) {
        long from = pageUp(heapEnd);
        long to = pageUp(newEnd);
        heapEnd = newEnd;
        if (to < from) {
            unmap(to, from);
        } else if (to > from) {
            unmap(from, to);
            int k = floor(from - 1);
            int prot = Op.PROT_READ | Op.PROT_WRITE;
            Vma below = k >= 0 ? vmas.get(k) : null;
            if (below != null
                    && below.end == from
                    && below.file < 0
                    && below.prot == prot
                    && !below.stack
                    && !below.shared) {
                vmas.set(k, below.resized(to, clock++));
            } else {
                insert(new Vma(from, to, prot, false, -1, 0, hit(from, to), false, clock++, false));
            }
        }
    }

    /** After DONTNEED or FREE nothing is promised about what was present. */
    private void advise(long start, long end, int advice) {
        if ((advice == 4 || advice == 8) && end > start) {
            int from = splitAt(start);
            int to = splitAt(end);
            for (int k = from; k < to; k++) {
                Vma v = vmas.get(k);
                for (int i = 0; !v.pristine() && i < v.pages(); i++) {
                    if (v.state(i) != PageState.UNTOUCHED) {
                        v.setState(i, PageState.DEAD);
                    }
                }
            }
        }
    }

    private void insert(Vma v) {
        vmas.add(floor(v.start) + 1, v);
    }

    /** Makes {@code page} a boundary; returns the index of the first VMA at or after it. */
    private int splitAt(long page) {
        int k = floor(page);
        if (k < 0) {
            return 0;
        }
        Vma v = vmas.get(k);
        if (page == v.start) {
            return k;
        }
        if (page < v.end) {
            vmas.set(k, v.part(v.start, page));
            vmas.add(k + 1, v.part(page, v.end));
        }
        return k + 1;
    }

    /** Index of the last VMA starting at or before {@code page}, or -1. */
    private int floor(long page) {
        int lo = 0;
        int hi = vmas.size() - 1;
        while (lo <= hi) {
            int mid = (lo + hi) >>> 1;
            if (vmas.get(mid).start <= page) {
                lo = mid + 1;
            } else {
                hi = mid - 1;
            }
        }
        return hi;
    }

    private static long page(long address) {
        return address >> PAGE_SHIFT;
    }

    private static long pageUp(long address) {
        return (address + (1 << PAGE_SHIFT) - 1) >> PAGE_SHIFT;
    }
}
