package kemu.check.rmap;

import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/** Chains of VMAs, as scenarios look at them. */
public final class Chains {
    private Chains() {}

    /**
     * I3: the VMA at {@code address}, in which {@code page} is mapped, is linked to the page's anon_vma, or exit frees
     * that too early.
     */
    public static void check(
            Kernel kernel, Cpu cpu, @Ref(MmStruct.class) long mm, long address, @Ref(Page.class) long page) {
        long vma = kernel.mms().findVma(cpu, mm, address);
        long anonVma = Page.MAPPING.readOnce(cpu, page) - Page.MAPPING_ANON;
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        for (long at = ListHead.NEXT.get(cpu, head); at != head; at = ListHead.NEXT.get(cpu, at)) {
            if (AnonVmaChain.ANON_VMA.get(cpu, AnonVmaChain.SAME_VMA.containerOf(at)) == anonVma) {
                return;
            }
        }
        throw new Violation(
                FailureKind.RMAP_I3,
                "BUG: page 0x" + Long.toHexString(page) + " is mapped in vma 0x" + Long.toHexString(vma)
                        + ", on whose chain its anon_vma 0x" + Long.toHexString(anonVma) + " is not (I3)");
    }
}
