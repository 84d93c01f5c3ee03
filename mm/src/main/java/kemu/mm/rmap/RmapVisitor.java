package kemu.mm.rmap;

import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.mm.page.Page;
import kemu.mm.types.VmArea;

/** What a walk does at each place where a page may be mapped. Implementations are stateless and allocation-free. */
public interface RmapVisitor {
    /** Bit in a result: the walk is to end here. */
    long STOP = 1L << 62;

    /**
     * {@code vma} may map {@code page} at {@code address}, which lies in it.
     *
     * @param soFar what the last visit returned, at first 0
     * @return what the next visit gets, and in the end the caller of the walk. Context: page lock, and the lock of the
     *     list with the VMA
     */
    long visit(Cpu cpu, @Ref(Page.class) long page, @Ref(VmArea.class) long vma, long address, long soFar);
}
