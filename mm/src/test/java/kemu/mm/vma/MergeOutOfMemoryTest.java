package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.page.Gfp;
import kemu.mm.page.Reclaimer;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * mprotect makes one VMA of three (case 6), of which only the last has an anon_vma, while no anon_vma_chain is to be
 * had: nothing may have changed then, least of all may the VMA in the middle, which mprotect goes on with, be freed.
 */
class MergeOutOfMemoryTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x5000_0000_0000L;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    /** Nothing can be reclaimed, and nobody can be killed. */
    private static final class Nothing implements Reclaimer {
        @Override
        public void wakeKswapd(Cpu cpu) {}

        @Override
        public long directReclaim(Cpu cpu, int gfp, int order) {
            return 0;
        }

        @Override
        public boolean outOfMemory(Cpu cpu) {
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmap-sem", "spf", "per-vma-lock", "per-vma-refcount"})
    void shouldLeaveAllThreeAsTheyAre(String lookup) {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, 1, lookup)) {
            test.kernel.pages().reclaimer(new Nothing());
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                Mmap calls = test.kernel.mmap();
                calls.mmap(cpu, mm, BASE, PAGE, RW, true, Cpu.NULL, 0);
                calls.mmap(cpu, mm, BASE + PAGE, PAGE, VmArea.VM_READ, true, Cpu.NULL, 0);
                calls.mmap(cpu, mm, BASE + 2 * PAGE, PAGE, RW, true, Cpu.NULL, 0);
                assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE + 2 * PAGE, 1));

                List<Long> pages = new ArrayList<>();
                takeAll(pages, () -> test.kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0));
                List<Long> objects = new ArrayList<>();
                KmemCache chains = chains(test);
                takeAll(objects, () -> chains.alloc(cpu, Gfp.NOWAIT));
                assertEquals(0, calls.mprotect(cpu, mm, BASE + PAGE, PAGE, RW));
                objects.forEach(object -> chains.free(cpu, object));
                pages.forEach(page -> test.kernel.pages().putPage(cpu, page));

                assertEquals(3, MmStruct.MAP_COUNT.get(cpu, mm));
                test.audit(cpu, mm, "mprotect without memory");
                assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE + PAGE, 1));
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    private static KmemCache chains(VmaTestKernel test) {
        for (KmemCache cache : test.kernel.slabs().caches()) {
            if (cache.name().equals("anon_vma_chain")) {
                return cache;
            }
        }
        throw new AssertionError("no cache of chains");
    }

    private static void takeAll(List<Long> taken, LongSupplier source) {
        for (long one = source.getAsLong(); one != 0; one = source.getAsLong()) {
            taken.add(one);
        }
    }
}
