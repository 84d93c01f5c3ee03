package kemu.mm;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.MlockAudit;
import kemu.mm.page.Page;
import kemu.mm.page.ReferenceAudit;
import kemu.mm.rmap.AnonVmaAudit;
import kemu.mm.rmap.AnonVmaWatch;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabObjects;
import kemu.mm.types.MmStruct;

/**
 * Everything that must hold of a kernel at rest, checked against a scene: page accounting, LRU lists, mlocked pages,
 * page references, address spaces, anon_vmas and their chains (I2, I3, I8 to I10), free anon_vmas as constructed, and
 * that nothing is left of address spaces that are gone. A scene of which a {@link Section} does not hold says so
 * beforehand.
 *
 * <p>An instrument; it keeps what it finds in Java collections.
 */
public final class KernelAudit {
    /** What is audited. */
    public enum Section {
        /** Free pages and their lists. */
        FREE_PAGES,
        /** LRU lists and the flags of their pages. */
        LRU,
        /** NR_MLOCK counts the pages with PG_mlocked, none of which is free; PG_lru and PG_unevictable are on lists. */
        MLOCK,
        /** References on pages: as many more or fewer as in the scene. */
        REFERENCES,
        /** VMAs, page tables and counters of every address space. */
        ADDRESS_SPACES,
        /** anon_vmas in use and their chains: I2, I3, I8 to I10. */
        ANON_VMAS,
        /** Free anon_vmas: as constructed. */
        FREE_ANON_VMAS,
        /** VMAs and page tables that belong to no address space: as many as in the scene. */
        LEAKS
    }

    private final EmuMachine machine;
    private final Kernel kernel;
    private final AnonVmaWatch rmap;
    private final ReferenceAudit references;
    private final MlockAudit mlocked;
    private final Set<Section> sections;
    private final long strayVmas;
    private final long strayTables;

    /** Audits all sections but {@code excused}, relative to the scene as it is now. Context: machine at rest. */
    public KernelAudit(EmuMachine machine, Kernel kernel, AnonVmaWatch rmap, Set<Section> excused) {
        this.machine = machine;
        this.kernel = kernel;
        Cpu cpu = machine.bootCpu();
        strayVmas = strayVmas(cpu);
        strayTables = strayTables(cpu);
        this.rmap = rmap;
        references = new ReferenceAudit(machine, kernel.pages(), kernel.lru(), cpu);
        mlocked = new MlockAudit(machine, kernel.pages(), kernel.lru(), kernel.vmStat());
        sections = EnumSet.allOf(Section.class);
        sections.removeAll(excused);
    }

    /** What is wrong now, one line each; empty if all is well. Context: machine at rest. */
    public String audit(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        for (Section section : sections) {
            wrong.append(wrong(cpu, section));
        }
        return wrong.toString();
    }

    /** What is wrong now in {@code section}, excused or not. Context: machine at rest. */
    public String wrong(Cpu cpu, Section section) {
        return switch (section) {
            case FREE_PAGES -> kernel.pages().audit().auditFree(cpu);
            case LRU -> kernel.lru().audit(cpu);
            case MLOCK -> mlocked.audit(cpu);
            case REFERENCES -> references.audit(cpu);
            case ADDRESS_SPACES -> addressSpaces(cpu);
            case ANON_VMAS ->
                new AnonVmaAudit(kernel.anonVmas())
                        .auditPinned(
                                cpu,
                                kernel.ksm() == null ? Map.of() : kernel.ksm().anonVmaPins(cpu),
                                mms());
            case FREE_ANON_VMAS -> rmap.auditFree(cpu);
            case LEAKS -> leaks(cpu);
        };
    }

    private long[] mms() {
        return live(kernel.mms().mmCache()).stream().mapToLong(Long::longValue).toArray();
    }

    private List<Long> live(KmemCache cache) {
        return SlabObjects.of(machine, kernel.slabs(), cache, true);
    }

    private String addressSpaces(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        for (long mm : mms()) {
            String about = kernel.mms().auditMm(cpu, mm);
            if (about != null) {
                wrong.append("mm 0x")
                        .append(Long.toHexString(mm))
                        .append(": ")
                        .append(about)
                        .append('\n');
            }
        }
        return wrong.toString();
    }

    private long strayVmas(Cpu cpu) {
        long listed = 0;
        for (long mm : mms()) {
            listed += MmStruct.MAP_COUNT.get(cpu, mm);
        }
        long live = 0;
        for (long vma : live(kernel.mms().vmaCache())) {
            live += kernel.mms().lookup().waitsForGracePeriod(cpu, vma) ? 0 : 1;
        }
        return live - listed;
    }

    private long strayTables(Cpu cpu) {
        long reachable = 0;
        for (long mm : mms()) {
            boolean has = MmStruct.PGD.get(cpu, mm) != Cpu.NULL;
            reachable += has ? 1 + kernel.pageTable().countTables(cpu, mm) : 0;
        }
        long tables = 0;
        long frames = machine.memory().sizeBytes() >> PhysMem.PAGE_SHIFT;
        for (long pfn = 0; pfn < frames; pfn++) {
            long flags = machine.memoryWord(Page.FLAGS.of(kernel.pages().pageOfPfn(pfn)));
            tables += (flags & Page.PG_TABLE) != 0 ? 1 : 0;
        }
        return tables - reachable;
    }

    private String leaks(Cpu cpu) {
        long vmas = strayVmas(cpu) - strayVmas;
        long tables = strayTables(cpu) - strayTables;
        return (vmas > 0 ? vmas + " vm_area_structs allocated that belong to no address space\n" : "")
                + (tables > 0 ? tables + " page tables that belong to no address space\n" : "");
    }
}
