package kemu.mm.vma;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.file.Files;
import kemu.mm.rmap.AnonVmas;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.rcu.list.ListHead;

/**
 * vma_adjust and split_vma: moving the borders of VMAs so that rmap walkers see each of them whole.
 *
 * <p>Context: mmap_sem (W), may sleep. Locks taken: i_mmap_lock of a file VMA, and the anon_vma root lock if a start
 * moves (start and pgoff must change together for vma_address). Source: Linux 2.6.36 mm/mmap.c.
 */
final class VmaAdjust {
    /** Most VMAs of an address space. */
    static final int MAX_MAP_COUNT = 65_530;

    private final Files files;
    private final AnonVmas anonVmas;
    private final VmaLinks links;
    private final AdjustLock rule;
    private final RmapLocks rmapLocks;

    VmaAdjust(Files files, AnonVmas anonVmas, VmaLinks links, AdjustLock rule) {
        this.rule = rule;
        rmapLocks = new RmapLocks(anonVmas.locking());
        this.files = files;
        this.anonVmas = anonVmas;
        this.links = links;
    }

    /**
     * Gives {@code vma} a new range and offset; swallows, shrinks or grows the next VMA as the range demands.
     *
     * @param insert a VMA split off from {@code vma}, to be linked in the same step; or NULL
     * @return 0 or -ENOMEM, then nothing changed (in Linux since 4.9, 734537c9cb72: before, the caller went on with a
     *     VMA that the first round had freed)
     */
    int adjust(Cpu cpu, @Ref(VmArea.class) long vma, long start, long end, long pgoff, @Ref(VmArea.class) long insert) {
        if (storeRanges(cpu, vma, start, end, insert) != 0) {
            return Errno.ENOMEM;
        }
        long to = end;
        // Ends: the second round, if any, swallows the VMA that ends exactly at the end.
        while (true) {
            long next = VmArea.VM_NEXT.get(cpu, vma);
            long importer = Cpu.NULL;
            long shift = 0;
            boolean removeNext = false;
            if (next != Cpu.NULL && insert == Cpu.NULL) {
                long exporter = next;
                if (end >= VmArea.VM_END.get(cpu, next)) {
                    removeNext = true;
                    to = VmArea.VM_END.get(cpu, next);
                    importer = vma;
                    if (to < end && VmArea.ANON_VMA.get(cpu, next) == Cpu.NULL) {
                        // The VMA after it goes in the second round: too late to find that memory is out.
                        exporter = VmArea.VM_NEXT.get(cpu, next);
                    }
                } else if (end > VmArea.VM_START.get(cpu, next)) {
                    to = end;
                    shift = end - VmArea.VM_START.get(cpu, next);
                    importer = vma;
                } else if (end < VmArea.VM_END.get(cpu, vma)
                        && VmArea.VM_END.get(cpu, vma) == VmArea.VM_START.get(cpu, next)) {
                    to = end;
                    shift = end - VmArea.VM_END.get(cpu, vma);
                    exporter = vma;
                    importer = next;
                }
                if (importer != Cpu.NULL && importAnonVma(cpu, importer, exporter) != 0) {
                    links.lookup().forget(cpu, VmArea.VM_MM.get(cpu, vma));
                    return Errno.ENOMEM;
                }
            }
            links.lookup().publish(cpu, VmArea.VM_MM.get(cpu, vma));
            change(cpu, vma, start, to, pgoff, next, shift, removeNext, insert, importer != Cpu.NULL);
            if (!removeNext) {
                return 0;
            }
            freeSwallowed(cpu, vma, next);
            if (to == end) {
                return 0;
            }
            to = end;
        }
    }

    /**
     * Tells lookups what the VMAs will be that {@link #adjust} changes, which it locks. They bounce off the locked ones
     * until all is done. 0, or -ENOMEM with nothing changed.
     */
    private int storeRanges(Cpu cpu, long vma, long start, long end, long insert) {
        VmaLookup lookup = links.lookup();
        long mm = VmArea.VM_MM.get(cpu, vma);
        lookup.startWrite(cpu, vma);
        if (insert != Cpu.NULL) {
            lookup.startWrite(cpu, insert);
            return lookup.store(cpu, mm, VmArea.VM_START.get(cpu, insert), VmArea.VM_END.get(cpu, insert), insert);
        }
        long oldStart = VmArea.VM_START.get(cpu, vma);
        long oldEnd = VmArea.VM_END.get(cpu, vma);
        long next = VmArea.VM_NEXT.get(cpu, vma);
        boolean nextGrows = next != Cpu.NULL && end < oldEnd && VmArea.VM_START.get(cpu, next) == oldEnd;
        if (nextGrows) {
            lookup.startWrite(cpu, next);
        }
        long at = next;
        // Ends: the list of VMAs is finite.
        while (at != Cpu.NULL && VmArea.VM_START.get(cpu, at) < end) {
            lookup.startWrite(cpu, at);
            at = VmArea.VM_NEXT.get(cpu, at);
        }
        int error = 0;
        if (oldStart < start) {
            error = lookup.store(cpu, mm, oldStart, start, Cpu.NULL);
        }
        if (error == 0 && end < oldEnd) {
            error = lookup.store(cpu, mm, end, oldEnd, nextGrows ? next : Cpu.NULL);
        }
        return error == 0 ? lookup.store(cpu, mm, start, end, vma) : error;
    }

    /** The VMA that grows over pages of another one must be found by their rmap walks. */
    private int importAnonVma(Cpu cpu, long importer, long exporter) {
        long anonVma = VmArea.ANON_VMA.get(cpu, exporter);
        if (anonVma == Cpu.NULL || VmArea.ANON_VMA.get(cpu, importer) != Cpu.NULL) {
            return 0;
        }
        int error = anonVmas.anonVmaClone(cpu, importer, exporter);
        if (error == 0) {
            VmArea.ANON_VMA.writeOnce(cpu, importer, anonVma);
        }
        return error;
    }

    private void change(
            Cpu cpu,
            long vma,
            long start,
            long end,
            long pgoff,
            long next,
            long shift,
            boolean removeNext,
            long insert,
            boolean imports) {
        long file = VmArea.VM_FILE.get(cpu, vma);
        boolean startMoves = insert != Cpu.NULL || imports || start != VmArea.VM_START.get(cpu, vma);
        boolean ranges = anonVmas.index().keepsRanges();
        long anonVma = rule.anonVma(cpu, vma, startMoves || ranges, next, shift != 0);
        rmapLocks.lock(cpu, file, anonVma);
        if (ranges) {
            beforeRangesChange(cpu, vma, next, shift);
        }
        VmArea.VM_START.writeOnce(cpu, vma, start);
        VmArea.VM_END.writeOnce(cpu, vma, end);
        VmArea.VM_PGOFF.writeOnce(cpu, vma, pgoff);
        if (shift != 0) {
            VmArea.VM_START.writeOnce(cpu, next, VmArea.VM_START.get(cpu, next) + shift);
            VmArea.VM_PGOFF.writeOnce(cpu, next, VmArea.VM_PGOFF.get(cpu, next) + (shift >> PAGE_SHIFT));
        }
        if (ranges) {
            rangesChanged(cpu, vma, next, shift);
        }
        if (imports && file != Cpu.NULL) {
            FileLinks.passed(cpu, file);
        }
        long mm = VmArea.VM_MM.get(cpu, vma);
        if (removeNext) {
            links.remove(cpu, mm, next);
            links.lookup().unlinkedAll(cpu, mm);
            if (file != Cpu.NULL) {
                FileLinks.remove(cpu, next, file);
            }
        } else if (insert != Cpu.NULL) {
            links.insert(cpu, mm, insert);
            if (file != Cpu.NULL) {
                FileLinks.add(cpu, insert, file);
            }
        }
        rmapLocks.unlock(cpu, file, anonVma);
    }

    private void beforeRangesChange(Cpu cpu, long vma, long next, long shift) {
        anonVmas.beforeRangeChanges(cpu, vma);
        if (shift != 0) {
            anonVmas.beforeRangeChanges(cpu, next);
        }
    }

    private void rangesChanged(Cpu cpu, long vma, long next, long shift) {
        anonVmas.rangeChanged(cpu, vma);
        if (shift != 0) {
            anonVmas.rangeChanged(cpu, next);
        }
    }

    private void freeSwallowed(Cpu cpu, long vma, long next) {
        links.removed(cpu, next);
        long file = VmArea.VM_FILE.get(cpu, next);
        if (file != Cpu.NULL) {
            files.put(cpu, file);
        }
        if (VmArea.ANON_VMA.get(cpu, next) != Cpu.NULL) {
            anonVmas.anonVmaMerge(cpu, vma, next);
        }
        links.free(cpu, next);
    }

    /**
     * split_vma: cuts {@code vma} in two at {@code address}; {@code vma} keeps the upper part if {@code newBelow}, else
     * the lower. Returns 0 or -ENOMEM, then nothing changed.
     */
    int split(Cpu cpu, @Ref(VmArea.class) long vma, long address, boolean newBelow) {
        long mm = VmArea.VM_MM.get(cpu, vma);
        if (MmStruct.MAP_COUNT.get(cpu, mm) >= MAX_MAP_COUNT) {
            return Errno.ENOMEM;
        }
        long fresh = links.alloc(cpu);
        if (fresh == Cpu.NULL) {
            return Errno.ENOMEM;
        }
        copyVma(cpu, fresh, vma);
        long start = VmArea.VM_START.get(cpu, vma);
        long end = VmArea.VM_END.get(cpu, vma);
        long pgoff = VmArea.VM_PGOFF.get(cpu, vma);
        long pgoffAtCut = pgoff + (address - start >> PAGE_SHIFT);
        if (newBelow) {
            VmArea.VM_END.set(cpu, fresh, address);
        } else {
            VmArea.VM_START.set(cpu, fresh, address);
            VmArea.VM_PGOFF.set(cpu, fresh, pgoffAtCut);
        }
        if (anonVmas.anonVmaClone(cpu, fresh, vma) != 0) {
            links.free(cpu, fresh);
            return Errno.ENOMEM;
        }
        if (VmArea.VM_FILE.get(cpu, fresh) != Cpu.NULL) {
            files.get(cpu, VmArea.VM_FILE.get(cpu, fresh));
        }
        int error = newBelow
                ? adjust(cpu, vma, address, end, pgoffAtCut, fresh)
                : adjust(cpu, vma, start, address, pgoff, fresh);
        if (error != 0) {
            anonVmas.unlinkAnonVmas(cpu, fresh);
            if (VmArea.VM_FILE.get(cpu, fresh) != Cpu.NULL) {
                files.put(cpu, VmArea.VM_FILE.get(cpu, fresh));
            }
            links.free(cpu, fresh);
        }
        return error;
    }

    /** Copies what describes the mapping; links are empty, the anon_vma is that of the source. */
    static void copyVma(Cpu cpu, @Ref(VmArea.class) long to, @Ref(VmArea.class) long from) {
        VmArea.VM_MM.set(cpu, to, VmArea.VM_MM.get(cpu, from));
        VmArea.VM_START.set(cpu, to, VmArea.VM_START.get(cpu, from));
        VmArea.VM_END.set(cpu, to, VmArea.VM_END.get(cpu, from));
        VmArea.VM_NEXT.set(cpu, to, Cpu.NULL);
        VmArea.VM_PREV.set(cpu, to, Cpu.NULL);
        VmArea.VM_FLAGS.set(cpu, to, VmArea.VM_FLAGS.get(cpu, from));
        VmArea.VM_PGOFF.set(cpu, to, VmArea.VM_PGOFF.get(cpu, from));
        VmArea.VM_FILE.set(cpu, to, VmArea.VM_FILE.get(cpu, from));
        VmArea.ANON_VMA.set(cpu, to, VmArea.ANON_VMA.get(cpu, from));
        ListHead.init(cpu, VmArea.ANON_VMA_CHAIN.of(to));
    }
}
