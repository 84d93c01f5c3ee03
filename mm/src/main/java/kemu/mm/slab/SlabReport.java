package kemu.mm.slab;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.hw.mem.Symbols;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;

/** What the slab allocator prints. Failure path and reports only; reads memory plainly, as a debugger would. */
final class SlabReport {
    private static final int MAX_LISTED = 20;

    private SlabReport() {}

    /** A bug in SLUB's wording, about {@code object}. */
    static KernelBug bug(Cpu cpu, KmemCache cache, long object, FailureKind kind, String what) {
        return new KernelBug(
                kind,
                "BUG " + cache.name() + ": " + what + "\nINFO: Object 0x" + Long.toHexString(object) + ": "
                        + Machine.of(cpu).memory().symbols().nameOf(object) + ", on CPU#" + cpu.id());
    }

    /** Cache, object, offset, state and life of what lies at {@code address}, or null if that is on no slab. */
    static Symbols.Symbol at(Cpu cpu, SlabAllocator slabs, long address) {
        PageAllocator pages = slabs.pages();
        if (address < 0 || address >= Machine.of(cpu).memory().sizeBytes()) {
            return null;
        }
        long page = pages.pageOf(address);
        if ((Page.FLAGS.get(cpu, page) & Page.PG_SLAB) == 0) {
            return null;
        }
        KmemCache cache = slabs.ofStruct(cpu, Page.SLAB_CACHE.get(cpu, page));
        if (cache == null) {
            return null;
        }
        ObjectLayout layout = cache.layout();
        int slot = layout.slotOf(address);
        if (slot >= layout.objects()) {
            long slab = layout.slabOf(address);
            return new Symbols.Symbol(cache.name() + " slab 0x" + Long.toHexString(slab) + " (unused tail)", slab);
        }
        long object = layout.slabOf(address) + (long) slot * layout.slotSize();
        String field = fieldOf(cache, address - object);
        return new Symbols.Symbol(
                cache.name() + " 0x" + Long.toHexString(object)
                        + (field == null ? "+0x" + Long.toHexString(address - object) : "->" + field)
                        + " (slab object, " + (cache.isAllocated(cpu, object) ? "life " : "free, lives ")
                        + cache.lifeOf(cpu, object) + ")",
                new Symbols.Thing(object, cache.struct()));
    }

    /**
     * What lies {@code offset} bytes into a slot of {@code cache}: a member of its struct, or one of the slab's words.
     */
    private static String fieldOf(KmemCache cache, long offset) {
        StructLayout struct = cache.members();
        if (struct == null) {
            struct = StructLayout.named(cache.name());
        }
        String field = struct == null ? null : struct.pathOf(offset);
        if (field != null) {
            return field;
        }
        if (struct == KmemCacheNode.LAYOUT && offset >= struct.sizeBytes() && offset < cache.objectSize()) {
            long behind = offset - struct.sizeBytes();
            int size = KmemCacheCpu.LAYOUT.sizeBytes();
            return "cpu_slab[" + behind / size + "]." + KmemCacheCpu.LAYOUT.pathOf(behind % size);
        }
        ObjectLayout layout = cache.layout();
        if (offset == layout.stateOffset()) {
            return "(life)";
        }
        boolean outside = layout.freePointerOffset() >= layout.stateOffset();
        return outside && offset == layout.freePointerOffset() ? "(free pointer)" : null;
    }

    /** The count of allocated objects of {@code cache}, and the first of them. */
    static String leaks(Cpu cpu, SlabAllocator slabs, KmemCache cache) {
        StringBuilder out = new StringBuilder();
        out.append(cache.name()).append(": ").append(cache.activeObjects(cpu)).append(" objects in use\n");
        PageAllocator pages = slabs.pages();
        ObjectLayout layout = cache.layout();
        int listed = 0;
        long frames = Machine.of(cpu).memory().sizeBytes() >> PhysMem.PAGE_SHIFT;
        for (long pfn = 0; pfn < frames && listed < MAX_LISTED; pfn++) {
            long page = pages.pageOfPfn(pfn);
            boolean head = (pfn & (1L << layout.order()) - 1) == 0;
            if (!head
                    || (Page.FLAGS.get(cpu, page) & Page.PG_SLAB) == 0
                    || Page.SLAB_CACHE.get(cpu, page) != cache.struct()) {
                continue;
            }
            for (int slot = 0; slot < layout.objects() && listed < MAX_LISTED; slot++) {
                long object = pages.frameOf(page) + (long) slot * layout.slotSize();
                if (cache.isAllocated(cpu, object)) {
                    out.append("  ").append(at(cpu, slabs, object)).append('\n');
                    listed++;
                }
            }
        }
        return out.toString();
    }

    static String slabInfo(Cpu cpu, SlabAllocator slabs) {
        StringBuilder out = new StringBuilder();
        out.append("# name <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : slabdata <num_slabs>\n");
        for (KmemCache cache : slabs.caches()) {
            int order = cache.layout().order();
            out.append(String.format(
                    "%-17s %6d %6d %6d %4d %4d : slabdata %6d%n",
                    cache.name(),
                    cache.activeObjects(cpu),
                    cache.totalObjects(cpu),
                    cache.layout().slotSize(),
                    cache.objectsPerSlab(),
                    1 << order,
                    cache.slabPages(cpu) >> order));
        }
        return out.toString();
    }
}
