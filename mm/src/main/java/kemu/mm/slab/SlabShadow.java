package kemu.mm.slab;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.layout.StructTypes;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.hw.shadow.CallStack;
import kemu.hw.shadow.ShadowMemory;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.rcu.RcuHead;

/**
 * Keeps the shadow of slabs and frames, and judges accesses: use after free, use before allocation, out of bounds, use
 * of a free frame, an access meant for one struct that meets memory of another, double and invalid frees. In a
 * type-stable cache a free object may be looked at, since readers cannot know; a foreign type or a free frame may not.
 *
 * <p>Where every freed object waits for a grace period, it may be looked at as long as it waits, and nobody may
 * afterwards, type-stable or not: whoever is no RCU reader is found out in the interleaving in which the grace period
 * ends before the access. Without a quiescent state in between there is none, and the access is as good as a reader's.
 *
 * <p>What an access is meant for is the struct whose field constant makes it; raw accesses (locks, list links) are
 * judged by their address alone. The allocator's own words are marked as such. An instrument: it changes nothing in
 * emulated memory, and reads it without steps.
 *
 * <p>Source: Linux mm/kasan/report.c, generic mode, for the wording; Linux 6.12 mm/slub.c, CONFIG_SLUB_RCU_DEBUG, for
 * objects that wait.
 */
public final class SlabShadow implements Witness {
    private static final int MOST_READS = 8;

    private final EmuMachine machine;
    private final SlabAllocator slabs;
    private final PageAllocator pages;
    private final ShadowMemory shadow;
    private final ObjectHistory history;
    /** Bad reads of this execution: they are told, but what they lead to may be worth more, so it goes on. */
    private final List<KernelBug> reads = new ArrayList<>();

    /** Watches {@code slabs} on {@code machine}, which has booted. */
    public SlabShadow(EmuMachine machine, SlabAllocator slabs) {
        this.machine = machine;
        this.slabs = slabs;
        pages = slabs.pages();
        shadow = new ShadowMemory(machine.memory());
        shadow.judge(this::judge);
        history = new ObjectHistory(machine);
        machine.attach(shadow);
        machine.attach(this);
    }

    /** Bad reads of this execution, first come first; bad writes and frees throw at once. */
    public List<KernelBug> badReads() {
        return reads;
    }

    /** The tags. */
    public ShadowMemory memory() {
        return shadow;
    }

    /** Keeps where objects are allocated and freed, or not: it is slow, for the report of a fault that is known. */
    public void keepStacks(boolean value) {
        history.enable(value);
    }

    /** Learns what memory holds now, and what {@link #begin} goes back to. Context: machine at rest. */
    public void scan() {
        for (KmemCache cache : slabs.caches()) {
            if (cache.struct() != slabs.caches()[0].struct()) {
                // The struct of the first cache lives on no slab.
                shadow.keptInSlabs(typeOf(cache));
            }
        }
        for (int pfn = 0; pfn < shadow.frames(); pfn++) {
            long page = pages.pageOfPfn(pfn);
            long frame = (long) pfn << PhysMem.PAGE_SHIFT;
            long flags = word(Page.FLAGS.of(page));
            shadow.allocated(frame);
            if ((flags & Page.PG_FREE) != 0) {
                shadow.freed(frame);
            }
        }
        for (int pfn = 0; pfn < shadow.frames(); pfn++) {
            long page = pages.pageOfPfn(pfn);
            KmemCache cache = cacheOf(page);
            if (cache != null && (pfn & (1 << cache.layout().order()) - 1) == 0) {
                slabBegun(page, cache);
                slabMade(page, cache);
                for (int i = 0; i < cache.layout().objects(); i++) {
                    restore(
                            cache,
                            ((long) pfn << PhysMem.PAGE_SHIFT)
                                    + (long) i * cache.layout().slotSize());
                }
            }
        }
        shadow.keep();
    }

    private void restore(KmemCache cache, long object) {
        long state = word(object + cache.layout().stateOffset());
        if ((state & 1) != 0) {
            tag(cache, object, ShadowMemory.LIVE);
        } else if (state != 0) {
            boolean over = cache.waitsForGracePeriod()
                    && !isQueued(object + cache.layout().linkOffset());
            tag(cache, object, over ? ShadowMemory.FREED : freedTag(cache));
        }
    }

    private boolean isQueued(long head) {
        return RcuHead.isQueued((int) machine.frames().load(RcuHead.FUNC.of(head), Integer.BYTES));
    }

    /** An execution begins: what was scanned is true again. */
    public void begin() {
        shadow.reset();
        reads.clear();
        history.clear();
    }

    private long word(long address) {
        return machine.memoryWord(address);
    }

    private static int typeOf(KmemCache cache) {
        return StructTypes.of(cache.name().equals("inode_cache") ? "address_space" : cache.name());
    }

    private KmemCache cacheOf(long page) {
        boolean slab = (word(Page.FLAGS.of(page)) & Page.PG_SLAB) != 0;
        return slab ? slabs.ofStruct(machine.bootCpu(), word(Page.SLAB_CACHE.of(page))) : null;
    }

    private static byte freedTag(KmemCache cache) {
        if (cache.waitsForGracePeriod()) {
            return ShadowMemory.FREED_WAITING;
        }
        return cache.isDestroyByRcu() ? ShadowMemory.FREED_TYPESAFE : ShadowMemory.FREED;
    }

    private void tag(KmemCache cache, long object, byte tag) {
        shadow.tag(object, cache.layout().stateOffset(), tag);
    }

    private void slabBegun(long page, KmemCache cache) {
        for (int i = 0; i < 1 << cache.layout().order(); i++) {
            shadow.holds(pages.frameOf(page) + ((long) i << PhysMem.PAGE_SHIFT), typeOf(cache));
        }
    }

    private void slabMade(long page, KmemCache cache) {
        ObjectLayout layout = cache.layout();
        long first = pages.frameOf(page);
        shadow.tag(first, 4096L << layout.order(), ShadowMemory.REDZONE);
        boolean stale = cache.isDestroyByRcu() && !cache.waitsForGracePeriod();
        byte unused = stale ? ShadowMemory.FREED_TYPESAFE : ShadowMemory.UNUSED;
        for (int i = 0; i < layout.objects(); i++) {
            long object = first + (long) i * layout.slotSize();
            tag(cache, object, unused);
            if (cache.keepsFreed()) {
                // The allocator's own, though RCU writes it.
                shadow.tag(object + layout.linkOffset(), SlabReuse.LINK_BYTES, ShadowMemory.LIVE);
            }
        }
    }

    @Override
    public void told(EmuCpu cpu, int event, long object, long detail) {
        switch (event) {
            case Event.SLAB_BEGUN -> slabBegun(object, slabs.ofStruct(cpu, detail));
            case Event.SLAB_MADE -> slabMade(object, slabs.ofStruct(cpu, detail));
            case Event.SLAB_ALLOCATED -> {
                tag(slabs.ofStruct(cpu, detail), object, ShadowMemory.LIVE);
                history.allocated(cpu, object);
            }
            case Event.SLAB_FREEING -> freeing(cpu, object, slabs.ofStruct(cpu, detail));
            case Event.SLAB_GRACE_OVER -> freed(cpu, object, slabs.ofStruct(cpu, detail));
            case Event.FRAMES_ALLOCATED -> {
                for (int i = 0; i < 1 << detail; i++) {
                    shadow.allocated(pages.frameOf(object) + ((long) i << PhysMem.PAGE_SHIFT));
                }
            }
            case Event.FRAMES_FREED -> {
                shadow.freed(pages.frameOf(object));
                history.freed(cpu, pages.frameOf(object));
            }
            default -> {}
        }
    }

    private void freeing(EmuCpu cpu, long object, KmemCache cache) {
        boolean inside = object > 0 && object < machine.memory().sizeBytes();
        if (!inside || !cache.layout().isObject(object) || shadow.typeOf(object) != typeOf(cache)) {
            throw reportFree(cpu, object, cache, FailureKind.INVALID_FREE);
        }
        if (shadow.tagOf(object) != ShadowMemory.LIVE) {
            throw reportFree(cpu, object, cache, FailureKind.DOUBLE_FREE);
        }
        history.freed(cpu, object);
        if (freedTag(cache) == ShadowMemory.FREED) {
            freed(cpu, object, cache);
        } else {
            tag(cache, object, freedTag(cache));
        }
    }

    /** From now on nobody may look at {@code object}. */
    private void freed(EmuCpu cpu, long object, KmemCache cache) {
        tag(cache, object, ShadowMemory.FREED);
        // Whether a late access comes before or after the free, they race: one order stands for both.
        machine.givesAway(cpu.id(), object, cache.layout().stateOffset());
    }

    private KernelBug reportFree(EmuCpu cpu, long object, KmemCache cache, FailureKind kind) {
        CallStack stack = CallStack.here();
        return new KernelBug(
                kind,
                "BUG: KASAN: " + kind + " in " + stack.function() + "\nFree of addr 0x"
                        + Long.toHexString(object) + " to the cache " + cache.name() + " by " + history.who(cpu)
                        + "\nCall trace:\n" + stack + describe(object));
    }

    private void judge(int cpu, long address, int width, boolean write, byte tag, int type, int held) {
        if (type == StructTypes.SLAB_WORDS) {
            return;
        }
        boolean confused = type != StructTypes.NONE && type != held && shadow.isKept(type);
        boolean legal = tag == ShadowMemory.FREED_TYPESAFE || tag == ShadowMemory.FREED_WAITING;
        if (legal && !confused || reads.size() == MOST_READS) {
            return;
        }
        FailureKind kind = kind(tag, confused);
        boolean slab = tag != ShadowMemory.FREE_FRAME && kind != FailureKind.TYPE_CONFUSION;
        CallStack stack = CallStack.here();
        StringBuilder out = new StringBuilder(512);
        out.append("BUG: KASAN: ")
                .append(slab ? "slab-" : "")
                .append(kind)
                .append(" in ")
                .append(stack.function());
        out.append(write ? "\nWrite of size " : "\nRead of size ").append(width).append(" at addr 0x");
        out.append(Long.toHexString(address)).append(" by ").append(history.who(machine.cpu(cpu)));
        if (type != StructTypes.NONE) {
            out.append(", meant for a struct ").append(StructTypes.nameOf(type));
        }
        out.append("\nCall trace:\n").append(stack).append(describe(address));
        KernelBug bug = new KernelBug(kind, out.toString());
        if (write) {
            throw bug;
        }
        reads.add(bug);
    }

    private static FailureKind kind(byte tag, boolean confused) {
        return switch (tag) {
            case ShadowMemory.FREE_FRAME, ShadowMemory.FREED -> FailureKind.USE_AFTER_FREE;
            case ShadowMemory.UNUSED -> FailureKind.USE_BEFORE_ALLOCATION;
            case ShadowMemory.REDZONE -> confused ? FailureKind.TYPE_CONFUSION : FailureKind.OUT_OF_BOUNDS;
            default -> FailureKind.TYPE_CONFUSION;
        };
    }

    /** What {@code address} belongs to, and its history. */
    private String describe(long address) {
        if (address < 0 || address >= machine.memory().sizeBytes()) {
            return "";
        }
        long page = pages.pageOf(address);
        KmemCache cache = cacheOf(page);
        if (cache == null) {
            long flags = word(Page.FLAGS.of(page));
            return history.of(address & -PhysMem.PAGE_SIZE, "page")
                    + "The buggy address belongs to the physical page:\npage:0x"
                    + Long.toHexString(page) + " pfn:" + Long.toHexString(pages.pfnOf(page)) + " flags:("
                    + Page.flagNames(flags) + ")\n";
        }
        ObjectLayout layout = cache.layout();
        int slot = Math.min(layout.slotOf(address), layout.objects() - 1);
        long object = layout.slabOf(address) + (long) slot * layout.slotSize();
        boolean live = shadow.tagOf(object) == ShadowMemory.LIVE;
        long into = address - object;
        String where = into < layout.objectSize()
                ? into + " bytes inside of"
                : into - layout.objectSize() + " bytes to the right of";
        return history.of(object, "object") + "The buggy address belongs to the object at 0x"
                + Long.toHexString(object) + "\n which belongs to the cache " + cache.name() + " of size "
                + layout.objectSize() + "\nThe buggy address is located " + where + "\n "
                + (live ? "allocated " : "freed ") + layout.objectSize() + "-byte region [0x" + Long.toHexString(object)
                + ", 0x" + Long.toHexString(object + layout.objectSize()) + "), life "
                + (word(object + layout.stateOffset()) + 1 >> 1) + "\n";
    }
}
