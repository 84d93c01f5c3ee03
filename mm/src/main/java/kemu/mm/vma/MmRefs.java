package kemu.mm.vma;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.mm.pgtable.PageTable;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.MmStruct;

/** References to mm_structs, whose last one frees the struct. Source: Linux 2.6.36 kernel/fork.c, __mmdrop(). */
public final class MmRefs {
    private final PageTable pageTable;
    private final KmemCache mmCache;

    /** Boot only. */
    public MmRefs(PageTable pageTable, MmCaches caches) {
        this.pageTable = pageTable;
        mmCache = caches.mms();
    }

    /** One more reference to the structure alone. */
    public void mmgrab(Cpu cpu, @Ref(MmStruct.class) long mm) {
        MmStruct.MM_COUNT.add(cpu, mm, 1);
    }

    /** mmdrop: drops a reference to the structure; the last one frees it, after checking that nothing is left in it. */
    public void mmdrop(Cpu cpu, @Ref(MmStruct.class) long mm) {
        if (MmStruct.MM_COUNT.addReturn(cpu, mm, -1) == 0) {
            checkMm(cpu, mm);
            pageTable.freePgd(cpu, MmStruct.PGD.get(cpu, mm));
            mmCache.free(cpu, mm);
        }
    }

    /** check_mm. */
    private static void checkMm(Cpu cpu, long mm) {
        check(cpu, mm, 0, MmStruct.FILE_RSS.readOnce(cpu, mm));
        check(cpu, mm, 1, MmStruct.ANON_RSS.readOnce(cpu, mm));
        check(cpu, mm, 2, MmStruct.SWAPENTS.readOnce(cpu, mm));
        long tables = MmStruct.NR_PTES.get(cpu, mm);
        if (tables != 0) {
            throw new KernelBug(
                    FailureKind.LEAK, "BUG: non-zero nr_ptes on freeing mm:0x" + Long.toHexString(mm) + ": " + tables);
        }
    }

    private static void check(Cpu cpu, long mm, int index, long value) {
        if (value != 0) {
            throw new KernelBug(
                    FailureKind.ACCOUNTING,
                    "BUG: Bad rss-counter state mm:0x" + Long.toHexString(mm) + " idx:" + index + " val:" + value
                            + " owner pid " + MmStruct.OWNER.readOnce(cpu, mm));
        }
    }
}
