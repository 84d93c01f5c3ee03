package kemu.mm.page;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.I32Field;
import kemu.hw.layout.Ref;
import kemu.hw.layout.StructLayout;

/**
 * {@code struct pagevec}: a few page references that one CPU collects, so that the LRU lock is taken once for all of
 * them. Each page in it is held by a reference. Own CPU only, plain accesses.
 */
final class Pagevec {
    /** Pages a pagevec holds; the kernel's 14 and one word of header make two cache lines, ours makes four. */
    static final int SIZE = 31;

    private static final StructLayout.Builder S = StructLayout.struct("pagevec");
    private static final I32Field COUNT = S.i32("nr");
    private static final int PAGES = Long.BYTES;
    /** Bytes of a pagevec. */
    static final int BYTES = PAGES + SIZE * Long.BYTES;

    static {
        S.words("pages", SIZE);
        S.build(8);
    }

    private Pagevec() {}

    /** pagevec_add; true if the pagevec is full now. */
    static boolean add(Cpu cpu, long vec, @Ref(Page.class) long page) {
        int count = COUNT.get(cpu, vec);
        cpu.write64(vec + PAGES + (long) count * Long.BYTES, page);
        COUNT.set(cpu, vec, count + 1);
        return count + 1 == SIZE;
    }

    static int count(Cpu cpu, long vec) {
        return COUNT.get(cpu, vec);
    }

    static @Ref(Page.class) long page(Cpu cpu, long vec, int index) {
        return cpu.read64(vec + PAGES + (long) index * Long.BYTES);
    }

    /** Address of the array of references. */
    static long pages(long vec) {
        return vec + PAGES;
    }

    static void reset(Cpu cpu, long vec) {
        COUNT.set(cpu, vec, 0);
    }
}
