package kemu.check;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.hw.cpu.EmuCpu;
import kemu.hw.cpu.Event;
import kemu.hw.cpu.Witness;
import kemu.hw.machine.EmuMachine;
import kemu.hw.mem.PhysMem;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;

/**
 * User accesses through TLB entries that the page table does not back any more, of one execution. That is no fault by
 * itself: until the flush it is what hardware does. What fails is told with it.
 */
final class StaleEntries implements Witness {
    private static final int MOST = 4;
    private static final long OFFSET = PhysMem.PAGE_SIZE - 1;

    private final PageTable pageTable;
    private final long[] words;
    private final List<String> seen = new ArrayList<>();

    StaleEntries(EmuMachine machine, PageTable pageTable) {
        this.pageTable = pageTable;
        words = new long[machine.cpus()];
        machine.attach(this);
    }

    void begin() {
        seen.clear();
    }

    List<String> seen() {
        return List.copyOf(seen);
    }

    @Override
    public void told(EmuCpu cpu, int event, long object, long detail) {
        switch (event) {
            case Event.USER_WORD -> words[cpu.id()] = object;
            case Event.USER_STORED -> cpu.aside(() -> look(cpu, object, detail, true));
            case Event.USER_LOADED -> cpu.aside(() -> look(cpu, object, detail, false));
            default -> {}
        }
    }

    private void look(EmuCpu cpu, long mm, long address, boolean write) {
        long at = pageTable.find(cpu, mm, address);
        long pte = at == Cpu.NULL ? 0 : cpu.read64(at);
        boolean backed = (write ? Pte.userWritable(pte) : Pte.userReadable(pte))
                && Pte.frame(pte) + (address & OFFSET) == words[cpu.id()];
        if (!backed && seen.size() < MOST) {
            seen.add("CPU#" + cpu.id() + (write ? " writes to" : " reads") + " 0x" + Long.toHexString(words[cpu.id()])
                    + " through a TLB entry that is not flushed yet: mm 0x" + Long.toHexString(mm) + ", address 0x"
                    + Long.toHexString(address) + ", the pte is 0x" + Long.toHexString(pte));
        }
    }
}
