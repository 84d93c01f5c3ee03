package kemu.mm.rmap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.PhysMem;
import kemu.hw.shadow.CallStack;
import kemu.mm.page.Page;
import kemu.mm.page.PageAllocator;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabAllocator;
import kemu.mm.slab.SlabObjects;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/**
 * The invariants of reverse mapping, checked as it runs:
 *
 * <ul>
 *   <li>I1: while a page is mapped, the anon_vma in its mapping is allocated and has a VMA;
 *   <li>I3: a page mapped in a VMA points to an anon_vma on that VMA's chain;
 *   <li>I8: an anon_vma is freed with a count of 0 and no VMA, a root after all its children; it is allocated in the
 *       state in which the constructor left it.
 * </ul>
 *
 * <p>An instrument: it reads memory as the CPUs will see it once their stores are out, takes no steps, and keeps what
 * it finds here.
 */
public final class AnonVmaWatch implements Witness {
    private static final int MOST_FOUND = 8;
    private static final int MOST_LINKS = 10_000;

    private final EmuMachine machine;
    private final PageAllocator pages;
    private final SlabAllocator slabs;
    private final AnonVmas anonVmas;
    private final KmemCache cache;
    /** Pages that have been anonymous, and anon_vmas that are allocated; first those of the scene. */
    private final Addresses anonPages = new Addresses();

    private final Addresses live = new Addresses();
    /** Of those, the ones that have had VMAs in this life and have none any more: pinned, or about to be freed. */
    private final Addresses emptied = new Addresses();

    private final List<KernelBug> found = new ArrayList<>();

    /** A list that goes back to what it was. */
    private static final class Addresses {
        private long[] now = new long[64];
        private int count;
        private long[] kept = new long[0];

        void add(long address) {
            for (int i = 0; i < count; i++) {
                if (now[i] == address) {
                    return;
                }
            }
            if (count == now.length) {
                now = Arrays.copyOf(now, 2 * count);
            }
            now[count++] = address;
        }

        boolean contains(long address) {
            for (int i = 0; i < count; i++) {
                if (now[i] == address) {
                    return true;
                }
            }
            return false;
        }

        void remove(long address) {
            for (int i = 0; i < count; i++) {
                if (now[i] == address) {
                    now[i] = now[--count];
                    return;
                }
            }
        }

        void keep() {
            kept = Arrays.copyOf(now, count);
        }

        void reset() {
            System.arraycopy(kept, 0, now, 0, kept.length);
            count = kept.length;
        }
    }

    /** Watches the kernel of these services on {@code machine}. */
    public AnonVmaWatch(EmuMachine machine, PageAllocator pages, SlabAllocator slabs, AnonVmas anonVmas) {
        this.pages = pages;
        this.slabs = slabs;
        this.anonVmas = anonVmas;
        this.machine = machine;
        cache = anonVmas.cache();
        machine.attach(this);
    }

    /** Learns what memory holds now, and what {@link #begin} goes back to. Context: machine at rest. */
    public void scan() {
        for (long anonVma : SlabObjects.of(machine, slabs, cache, true)) {
            live.add(anonVma);
        }
        long frames = machine.memory().sizeBytes() >> PhysMem.PAGE_SHIFT;
        for (long pfn = 0; pfn < frames; pfn++) {
            long page = pages.pageOfPfn(pfn);
            boolean slab = (machine.memoryWord(Page.FLAGS.of(page)) & Page.PG_SLAB) != 0;
            if (!slab && (machine.memoryWord(Page.MAPPING.of(page)) & Page.MAPPING_FLAGS) == Page.MAPPING_ANON) {
                anonPages.add(page);
            }
        }
        live.keep();
        anonPages.keep();
    }

    /** An execution begins: what was scanned is true again. */
    public void begin() {
        live.reset();
        emptied.reset();
        anonPages.reset();
        found.clear();
    }

    /** What was wrong in this execution, first come first. */
    public List<KernelBug> found() {
        return found;
    }

    @Override
    public void told(EmuCpu cpu, int event, long object, long detail) {
        switch (event) {
            case Event.ANON_MAPPED -> mapped(cpu, object, detail);
            case Event.ANON_VMA_EMPTY -> {
                emptied.add(object);
                checkUnmapped(cpu, object, "has lost its last VMA");
            }
            case Event.SLAB_ALLOCATED -> {
                if (cache.is(detail)) {
                    live.add(object);
                    checkConstructed(cpu, object, "allocated");
                }
            }
            case Event.SLAB_FREEING -> {
                if (cache.is(detail)) {
                    live.remove(object);
                    emptied.remove(object);
                    checkUnmapped(cpu, object, "is freed");
                    checkConstructed(cpu, object, "freed");
                    checkChildless(cpu, object);
                }
            }
            default -> {}
        }
    }

    /** A word as it will be once all stores are out. */
    private long settled(long address, int width) {
        long memory = machine.frames().load(address, width);
        for (int i = 0; i < machine.cpus(); i++) {
            long seen = machine.cpu(i).peekAt(address, width);
            if (seen != memory) {
                return seen;
            }
        }
        return memory;
    }

    private void mapped(EmuCpu cpu, long page, long vma) {
        anonPages.add(page);
        long anonVma = cpu.peekAt(Page.MAPPING.of(page), 8) - Page.MAPPING_ANON;
        // A speculative fault may map a page when its VMA has been merged: of the VMA that is there now audits tell.
        if (!onChain(cpu, vma, anonVma) && inItsMm(vma)) {
            report(
                    cpu,
                    FailureKind.RMAP_I3,
                    "page 0x" + hex(page) + " mapped in vma 0x" + hex(vma) + " points to anon_vma 0x" + hex(anonVma)
                            + ", which is not on the chain of the vma (I3)");
        }
    }

    private boolean inItsMm(long vma) {
        long at = settled(MmStruct.MMAP.of(settled(VmArea.VM_MM.of(vma), 8)), 8);
        for (int i = 0; i < MOST_LINKS && at != vma && at != Cpu.NULL; i++) {
            at = settled(VmArea.VM_NEXT.of(at), 8);
        }
        return at != Cpu.NULL;
    }

    private static boolean onChain(EmuCpu cpu, long vma, long anonVma) {
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        long at = cpu.peekAt(ListHead.NEXT.of(head), 8);
        for (int i = 0; i < MOST_LINKS && at != head && at != Cpu.NULL; i++) {
            long chain = AnonVmaChain.SAME_VMA.containerOf(at);
            if (cpu.peekAt(AnonVmaChain.ANON_VMA.of(chain), 8) == anonVma) {
                return true;
            }
            at = cpu.peekAt(ListHead.NEXT.of(at), 8);
        }
        return false;
    }

    private void checkUnmapped(EmuCpu cpu, long anonVma, String what) {
        for (int i = 0; i < anonPages.count; i++) {
            long page = anonPages.now[i];
            if (settled(Page.MAPPING.of(page), 8) == (anonVma | Page.MAPPING_ANON)
                    && (int) settled(Page.MAPCOUNT.of(page), 4) >= 0) {
                report(
                        cpu,
                        FailureKind.RMAP_I1,
                        "anon_vma 0x" + hex(anonVma) + " " + what + " while page 0x" + hex(page)
                                + ", which points to it, is mapped (I1)");
            }
        }
    }

    private void checkConstructed(EmuCpu cpu, long anonVma, String what) {
        int refcount = cpu.peek32(AnonVma.REFCOUNT.of(anonVma));
        if (refcount != 0) {
            report(
                    cpu,
                    FailureKind.RMAP_I8,
                    "anon_vma 0x" + hex(anonVma) + " is " + what + " with refcount " + refcount + " (I8)");
        }
        long head = AnonVma.HEAD.of(anonVma);
        if (cpu.peekAt(ListHead.NEXT.of(head), 8) != anonVmas.index().emptyHead(anonVma)) {
            report(
                    cpu,
                    FailureKind.RMAP_I8,
                    "anon_vma 0x" + hex(anonVma) + " is " + what + " with VMAs on its list (I8)");
        }
    }

    private void checkChildless(EmuCpu cpu, long root) {
        for (int i = 0; i < live.count; i++) {
            long anonVma = live.now[i];
            long head = AnonVma.HEAD.of(anonVma);
            // Never linked, its root may still be that of its last life.
            boolean linked =
                    settled(ListHead.NEXT.of(head), 8) != anonVmas.index().emptyHead(anonVma)
                            || emptied.contains(anonVma);
            if (linked && settled(AnonVma.ROOT.of(anonVma), 8) == root) {
                report(
                        cpu,
                        FailureKind.RMAP_I8,
                        "anon_vma 0x" + hex(root) + " is freed while it is the root of anon_vma 0x" + hex(anonVma)
                                + " (I8)");
            }
        }
    }

    /** What is wrong with free anon_vmas, which must be as the constructor left them. Context: machine at rest. */
    public String auditFree(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        for (long anonVma : SlabObjects.of(machine, slabs, cache, false)) {
            int refcount = AnonVma.REFCOUNT.readOnce(cpu, anonVma);
            if (refcount != 0) {
                wrong.append("free anon_vma 0x")
                        .append(hex(anonVma))
                        .append(" has refcount ")
                        .append(refcount);
                wrong.append('\n');
            }
            if (!anonVmas.index().empty(cpu, anonVma)) {
                wrong.append("free anon_vma 0x").append(hex(anonVma)).append(" has VMAs on its list\n");
            }
            if (anonVmas.locking().isLocked(cpu, anonVma)) {
                wrong.append("free anon_vma 0x").append(hex(anonVma)).append(" is locked\n");
            }
        }
        return wrong.toString();
    }

    private static String hex(long value) {
        return Long.toHexString(value);
    }

    private void report(EmuCpu cpu, FailureKind invariant, String what) {
        if (found.size() < MOST_FOUND) {
            found.add(new KernelBug(
                    invariant,
                    "BUG: rmap: " + what + ", seen on cpu " + cpu.id() + "\nCall trace:\n" + CallStack.here()));
        }
    }
}
