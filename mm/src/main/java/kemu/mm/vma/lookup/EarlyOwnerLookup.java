package kemu.mm.vma.lookup;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.RefField;
import kemu.hw.layout.StructLayout;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaMemory;
import kemu.mm.vma.VmaServices;

/**
 * The same count, and a reader that compares the VMA's owner before it counts itself, not after: in between the VMA may
 * become another's. What is compared is a copy of vm_mm that may be read without a lock, so that no data race on vm_mm
 * itself is the fault. A mutant, convicted by {@code vma-recycled-mm}.
 */
final class EarlyOwnerLookup extends VmaRefcountLookup {
    static final String EARLY_OWNER = "per-vma-refcount-early-mm";

    private static final StructLayout.Builder S = StructLayout.struct("vma_early_owner");
    /** vm_mm of the VMA's last owner. Written by the writer, read by all who have seen the VMA. */
    private static final RefField OWNER = S.ref("owner", MmStruct.class);
    /** Size and members. */
    private static final StructLayout LAYOUT = S.build(StructLayout.CACHE_LINE);

    private static final int OFFSET = VmArea.LAYOUT.sizeBytes() + VmaRefcount.OfVma.LAYOUT.sizeBytes();

    static final VmaMemory MEMORY = new VmaMemory(
            VmaRefcount.MEMORY.mmBytes(),
            VmaRefcount.MEMORY.vmaBytes() + LAYOUT.sizeBytes(),
            VmaRefcount.MEMORY.vmaFlags(),
            VmaRefcount.MEMORY.constructor());

    EarlyOwnerLookup(VmaServices services) {
        super(EARLY_OWNER, services, new ForeignPut.AsShipped());
    }

    @Override
    boolean mayCount(Cpu cpu, long mm, long vma) {
        return super.mayCount(cpu, mm, vma) && OWNER.readOnce(cpu, vma + OFFSET) == mm;
    }

    @Override
    public void attached(Cpu cpu, long vma) {
        OWNER.writeOnce(cpu, vma + OFFSET, VmArea.VM_MM.get(cpu, vma));
        super.attached(cpu, vma);
    }
}
