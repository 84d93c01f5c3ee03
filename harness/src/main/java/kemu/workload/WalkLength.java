package kemu.workload;

import java.util.concurrent.atomic.AtomicLongArray;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/** How many VMAs a walk from a page to the first pte that maps it meets, counted while nobody changes anything. */
final class WalkLength {
    private static final int PAGE = UserProgram.pageSize();

    private final Kernel kernel;

    WalkLength(Kernel kernel) {
        this.kernel = kernel;
    }

    /**
     * The mean over the pages that the {@code mms} have mapped among {@code pages} from {@code base}; 0 if there is
     * none. Context: machine at rest.
     */
    double mean(Cpu cpu, AtomicLongArray mms, long base, int pages) {
        long met = 0;
        long walks = 0;
        for (int i = 0; i < mms.length(); i++) {
            long mm = mms.get(i);
            for (int page = 0; mm != Cpu.NULL && page < pages; page++) {
                int vmas = of(cpu, mm, base + (long) page * PAGE);
                met += vmas;
                walks += vmas == 0 ? 0 : 1;
            }
        }
        return walks == 0 ? 0 : (double) met / walks;
    }

    /** VMAs up to the one of {@code mm}; 0 if no page of anonymous memory is mapped there. */
    private int of(Cpu cpu, long mm, long address) {
        long pte = kernel.pageTable().find(cpu, mm, address);
        long entry = pte == Cpu.NULL ? 0 : cpu.readOnce64(pte);
        if (!Pte.present(entry)) {
            return 0;
        }
        long mapping = Page.MAPPING.readOnce(cpu, kernel.pages().pageOf(Pte.frame(entry)));
        if ((mapping & Page.MAPPING_ANON) == 0) {
            return 0;
        }
        int met = 0;
        long head = AnonVma.HEAD.of(mapping - Page.MAPPING_ANON);
        for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            met++;
            long vma = AnonVmaChain.VMA.get(cpu, AnonVmaChain.SAME_ANON_VMA.containerOf(at));
            if (VmArea.VM_MM.get(cpu, vma) == mm) {
                return met;
            }
        }
        return 0;
    }
}
