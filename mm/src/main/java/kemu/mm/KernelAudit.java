package kemu.mm;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.mm.page.Page;
import kemu.mm.page.ReferenceAudit;
import kemu.mm.rmap.AnonVmaAudit;
import kemu.mm.rmap.AnonVmaWatch;
import kemu.mm.slab.KmemCache;
import kemu.mm.slab.SlabObjects;
import kemu.mm.types.MmStruct;

/**
 * Everything that must hold of a kernel at rest, checked against a scene: page accounting, LRU lists, page references,
 * address spaces, anon_vmas and their chains (I2, I3, I8 to I10), free anon_vmas as constructed, and that nothing is
 * left of address spaces that are gone. What does not hold of the scene itself is not asked of what follows.
 *
 * <p>An instrument; it keeps what it finds in Java collections.
 */
public final class KernelAudit {
    @FunctionalInterface
    private interface Section {
        String wrong(Cpu cpu);
    }

    private final EmuMachine machine;
    private final Kernel kernel;
    private final List<Section> sections = new ArrayList<>();
    private final long strayVmas;
    private final long strayTables;

    /** What holds of {@code kernel} now must hold ever after. Context: machine at rest. */
    public KernelAudit(EmuMachine machine, Kernel kernel, AnonVmaWatch rmap) {
        this.machine = machine;
        this.kernel = kernel;
        Cpu cpu = machine.bootCpu();
        strayVmas = strayVmas(cpu);
        strayTables = strayTables(cpu);
        ReferenceAudit references = new ReferenceAudit(machine, kernel.pages(), kernel.lru(), cpu);
        List<Section> all = List.of(
                at -> kernel.pages().audit().auditFree(at),
                at -> kernel.lru().audit(at),
                references::audit,
                this::addressSpaces,
                at -> new AnonVmaAudit(kernel.anonVmas()).audit(at, mms()),
                rmap::auditFree,
                this::leaks);
        for (Section section : all) {
            if (section.wrong(cpu).isEmpty()) {
                sections.add(section);
            }
        }
    }

    /** What is wrong now, one line each; empty if all is well. Context: machine at rest. */
    public String audit(Cpu cpu) {
        StringBuilder wrong = new StringBuilder();
        for (Section section : sections) {
            wrong.append(section.wrong(cpu));
        }
        return wrong.toString();
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
        return live(kernel.mms().vmaCache()).size() - listed;
    }

    private long strayTables(Cpu cpu) {
        long reachable = 0;
        for (long mm : mms()) {
            boolean has = MmStruct.PGD.get(cpu, mm) != Cpu.NULL;
            reachable += has ? 1 + kernel.pageTable().countTables(cpu, mm) : 0;
        }
        long tables = 0;
        long frames = machine.memory().sizeBytes() >> 12;
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
