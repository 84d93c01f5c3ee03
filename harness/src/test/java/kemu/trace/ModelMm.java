package kemu.trace;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import kemu.trace.model.Op;
import kemu.trace.model.ProcessImage;
import kemu.trace.model.Program;

/**
 * The simplest possible mm, written without looking at the planner: VMAs and page table entries, the latter absent,
 * read-only or writable. Where kernels may differ it throws dice: whether fork copies entries of file pages, whether
 * mprotect makes a present page writable again.
 */
final class ModelMm {
    private record Area(long end, int prot, boolean shared, int file) {}

    private enum Pte {
        FILE_RO,
        ANON_RO,
        ANON_RW
    }

    private final TreeMap<Long, Area> areas = new TreeMap<>();
    private final Map<Long, Pte> ptes = new HashMap<>();
    private final SplittableRandom dice;
    private long brk;

    ModelMm(SplittableRandom dice) {
        this.dice = dice;
    }

    static ModelMm exec(ProcessImage image, SplittableRandom dice) {
        ModelMm mm = new ModelMm(dice);
        for (int i = 0; i < image.segments(); i++) {
            long start = image.start(i) >> 12;
            long end = start + (image.length(i) >> 12);
            if (end <= start || mm.overlaps(start, end)) {
                throw new AssertionError("segment " + i + " of " + image.name() + " empty or overlapping");
            }
            mm.areas.put(start, new Area(end, image.prot(i), false, image.file(i)));
        }
        mm.brk = image.heapStart();
        return mm;
    }

    ModelMm fork() {
        ModelMm child = new ModelMm(dice);
        child.areas.putAll(areas);
        child.brk = brk;
        for (Map.Entry<Long, Pte> e : ptes.entrySet()) {
            if (at(e.getKey()).shared) {
                continue;
            }
            if (e.getValue() == Pte.ANON_RW) {
                e.setValue(Pte.ANON_RO);
            }
            if (e.getValue() != Pte.FILE_RO || dice.nextBoolean()) {
                child.ptes.put(e.getKey(), e.getValue());
            }
        }
        return child;
    }

    /** Accesses a range; returns how many of its pages faulted. */
    int access(long address, long pages, boolean write) {
        int faults = 0;
        for (long p = address >> 12; p < (address >> 12) + pages; p++) {
            Area a = at(p);
            if (a == null || (a.prot & (write ? Op.PROT_WRITE : Op.PROT_READ)) == 0) {
                throw new AssertionError("segmentation fault at " + Long.toHexString(p << 12));
            }
            Pte pte = ptes.get(p);
            if (pte == null || write && pte != Pte.ANON_RW) {
                faults++;
                ptes.put(p, write ? Pte.ANON_RW : Pte.FILE_RO);
            }
        }
        return faults;
    }

    /** Follows a memory call. */
    void call(Program ops, int i) {
        long start = ops.a(i) >> 12;
        switch (ops.op(i)) {
            case Op.MMAP -> {
                long end = (ops.a(i) + ops.b(i)) >> 12;
                unmap(start, end);
                areas.put(start, new Area(end, (int) ops.c(i), (ops.d(i) & Op.MAP_SHARED) != 0, (int) ops.e(i)));
            }
            case Op.MUNMAP -> unmap(start, (ops.a(i) + ops.b(i)) >> 12);
            case Op.MPROTECT -> protect(start, (ops.a(i) + ops.b(i)) >> 12, (int) ops.c(i));
            case Op.BRK -> brk(ops.b(i));
            case Op.MREMAP -> remap(start, (ops.a(i) + ops.b(i)) >> 12, ops.d(i) >> 12, (ops.d(i) + ops.c(i)) >> 12);
            case Op.MADVISE -> {
                long end = (ops.a(i) + ops.b(i)) >> 12;
                ptes.keySet().removeIf(p -> p >= start && p < end && dice.nextBoolean());
            }
            default -> {}
        }
    }

    private void brk(long to) {
        long from = (brk + 4095) >> 12;
        long end = (to + 4095) >> 12;
        brk = to;
        if (end < from) {
            unmap(end, from);
        } else if (end > from) {
            if (overlaps(from, end)) {
                throw new AssertionError("heap grows into a mapping");
            }
            areas.put(from, new Area(end, 3, false, -1));
        }
    }

    private void remap(long start, long end, long newStart, long newEnd) {
        Area a = at(start);
        unmap(newStart, newEnd);
        for (long p = start; p < end; p++) {
            Pte pte = ptes.get(p);
            if (pte != null && p - start < newEnd - newStart) {
                ptes.put(newStart + p - start, pte);
            }
        }
        unmap(start, end);
        areas.put(newStart, new Area(newEnd, a.prot, a.shared, a.file));
    }

    private void protect(long start, long end, int prot) {
        split(start);
        split(end);
        for (Map.Entry<Long, Area> e : areas.subMap(start, end).entrySet()) {
            e.setValue(new Area(e.getValue().end, prot, e.getValue().shared, e.getValue().file));
        }
        for (Map.Entry<Long, Pte> e : ptes.entrySet()) {
            if (e.getKey() >= start && e.getKey() < end) {
                boolean writable = (prot & Op.PROT_WRITE) != 0;
                if (!writable && e.getValue() == Pte.ANON_RW) {
                    e.setValue(Pte.ANON_RO);
                } else if (writable && e.getValue() == Pte.ANON_RO && dice.nextInt(4) == 0) {
                    e.setValue(Pte.ANON_RW);
                }
            }
        }
    }

    private void unmap(long start, long end) {
        split(start);
        split(end);
        areas.subMap(start, end).clear();
        if (end - start < ptes.size()) {
            for (long p = start; p < end; p++) {
                ptes.remove(p);
            }
        } else {
            ptes.keySet().removeIf(p -> p >= start && p < end);
        }
    }

    private void split(long page) {
        Map.Entry<Long, Area> e = areas.lowerEntry(page);
        if (e != null && e.getValue().end > page) {
            Area a = e.getValue();
            areas.put(page, a);
            e = null;
            areas.put(areas.lowerKey(page), new Area(page, a.prot, a.shared, a.file));
        }
    }

    private Area at(long page) {
        Map.Entry<Long, Area> e = areas.floorEntry(page);
        return e != null && page < e.getValue().end ? e.getValue() : null;
    }

    private boolean overlaps(long start, long end) {
        Map.Entry<Long, Area> e = areas.lowerEntry(end);
        return e != null && e.getValue().end > start;
    }
}
