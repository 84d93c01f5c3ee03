package kemu.mm.pgtable;

import static kemu.hw.mem.PhysMem.PAGE_SHIFT;

import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.Event;
import kemu.hw.layout.Embedded;
import kemu.hw.layout.I64Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.hw.machine.Area;
import kemu.hw.machine.Machine;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.Symbols;
import kemu.hw.order.Order;
import kemu.kernel.context.Preempt;
import kemu.mm.types.MmStruct;

/**
 * A TLB for each CPU, as state in emulated memory: what a user access walked to stays until it is flushed, and is used
 * without a look at the pte. A few entries, one place for each page; entries of one mm at a time, as without ASIDs.
 *
 * <p>A flush is an interrupt on the other CPU, whose handler does nothing but drop entries. The handler's work is done
 * by the CPU that waits for it, at the moment of the interrupt: when the other one is neither in the middle of a user
 * access nor has interrupts disabled, both of which it announces in {@link Area#USER_ACCESS_MM}. So an explorer that
 * chooses the order of accesses to the words below chooses when the interrupt strikes, and no task waits for another to
 * poll.
 *
 * <p>All orders are those of the announcement: a CPU announces, full fence, then looks at its words; a flush changes
 * the words, full fence, then looks at the announcement. Source: Linux 2.6.36 arch/x86/mm/tlb.c; Intel SDM 3A, 4.10.
 */
public final class Tlb {
    /** Pages whose entries a CPU keeps at a time. */
    static final int ENTRIES = 4;

    private static final int PAGE_NUMBER_BITS = 47 - PAGE_SHIFT;
    private static final long PAGE_NUMBER = (1L << PAGE_NUMBER_BITS) - 1;

    private static final StructLayout.Builder S = StructLayout.struct("tlb");
    /** Whose entries there are. Written by its own CPU only. */
    private static final RefField CR3 = S.cacheLine().ref("cr3", MmStruct.class);
    /** Counted up by whoever flushes all: entries of earlier generations are gone. */
    private static final I64Field GENERATION = S.i64("generation");
    /** Page number and generation of each entry, 0 for none. Its own CPU fills, whoever flushes the page clears. */
    private static final Embedded TAGS = S.words("tags", ENTRIES);
    /** The pte of each entry, as the walk has left it. Private to its CPU. */
    private static final Embedded PTES = S.words("ptes", ENTRIES);

    private static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private final Machine machine;
    private final int offset;

    /** Boot only. */
    Tlb(Machine machine) {
        this.machine = machine;
        offset = machine.reservePerCpu(LAYOUT.sizeBytes());
        machine.memory().symbols().resolver(this::nameOf);
        for (int id = 0; id < machine.cpus(); id++) {
            GENERATION.set(machine.bootCpu(), of(machine.cpu(id)), 1);
        }
    }

    private Symbols.Symbol nameOf(long address) {
        for (int id = 0; id < machine.cpus(); id++) {
            long tlb = of(machine.cpu(id));
            if (address >= tlb && address < tlb + LAYOUT.sizeBytes()) {
                String name = "tlb of CPU#" + id + "->" + LAYOUT.pathOf(address - tlb);
                return new Symbols.Symbol(name, tlb);
            }
        }
        return null;
    }

    private @Ref(Tlb.class) long of(Cpu cpu) {
        return cpu.area() + offset;
    }

    // ---- the CPU's own use ----------------------------------------------------------------------------------------

    /**
     * switch_mm: what follows is about {@code mm}. That the tasks of a CPU change is noticed by its next user access,
     * which is the lazy TLB of kernel threads for all tasks. Context: announced; before the fence.
     */
    public void use(Cpu cpu, @Ref(MmStruct.class) long mm) {
        long tlb = of(cpu);
        if (CR3.get(cpu, tlb) != mm) {
            CR3.writeOnce(cpu, tlb, mm);
            GENERATION.add(cpu, tlb, 1);
        }
    }

    /**
     * The tag of a valid entry for {@code address}: entries without it are not looked at. Context: announced, fenced.
     */
    public long tag(Cpu cpu, long address) {
        return GENERATION.readOnce(cpu, of(cpu)) << PAGE_NUMBER_BITS | pageNumber(address);
    }

    /** The entry for {@code address}, a pte that may be stale; 0 if there is none. */
    public long lookup(Cpu cpu, long address, long tag) {
        long tlb = of(cpu);
        return cpu.readOnce64(TAGS.of(tlb) + slot(address)) == tag ? cpu.read64(PTES.of(tlb) + slot(address)) : 0;
    }

    /** Makes an entry, for {@link #fill}: the walk of the page table begins after it, so that a flush finds it. */
    public void claim(Cpu cpu, long address, long tag) {
        cpu.xchg64(TAGS.of(of(cpu)) + slot(address), tag, Order.FULL);
    }

    /** What the walk has come to, which may be flushed already. */
    public void fill(Cpu cpu, long address, long pte) {
        cpu.write64(PTES.of(of(cpu)) + slot(address), pte);
    }

    /** The walk has come to nothing, or the entry allows less than the access takes: a fault drops it. */
    public void drop(Cpu cpu, long address) {
        cpu.writeOnce64(TAGS.of(of(cpu)) + slot(address), 0);
    }

    private static long pageNumber(long address) {
        return address >>> PAGE_SHIFT;
    }

    private static long slot(long address) {
        return (pageNumber(address) & ENTRIES - 1) << 3;
    }

    // ---- flushes --------------------------------------------------------------------------------------------------

    /** A CPU that waits for the others with interrupts disabled may be waited for by one of them. */
    static void checkMayWait(Cpu cpu) {
        if (Preempt.irqsDisabled(cpu) || Preempt.count(cpu) >= Area.SOFTIRQ) {
            cpu.tell(Event.SLEEPS_IN_ATOMIC, Cpu.NULL, 0);
            throw new KernelBug(
                    FailureKind.ATOMIC_CONTEXT,
                    "BUG: TLB flush in an interrupt or with interrupts disabled on CPU#" + cpu.id());
        }
    }

    /**
     * local_flush_tlb in the handler of CPU {@code target}: drops all entries of {@code mm}. Context: the pte changed,
     * full fence.
     */
    void localFlushTlb(Cpu cpu, int target, @Ref(MmStruct.class) long mm) {
        long tlb = of(machine.cpu(target));
        if (CR3.readOnce(cpu, tlb) == mm) {
            GENERATION.addReturn(cpu, tlb, 1);
        }
    }

    /** __flush_tlb_one: the same for the page at {@code address}. */
    void flushTlbOne(Cpu cpu, int target, @Ref(MmStruct.class) long mm, long address) {
        long tlb = of(machine.cpu(target));
        long at = TAGS.of(tlb) + slot(address);
        if (CR3.readOnce(cpu, tlb) != mm) {
            return;
        }
        long tag = cpu.readOnce64(at);
        if ((tag & PAGE_NUMBER) == pageNumber(address)) {
            // If its CPU has made another entry meanwhile, that was after the pte had changed.
            cpu.cmpxchg64(at, tag, 0, Order.FULL);
        }
    }
}
