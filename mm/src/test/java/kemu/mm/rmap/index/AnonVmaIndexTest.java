package kemu.mm.rmap.index;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaAudit;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.vma.VmaTestKernel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The contract of what anon_vmas keep their VMAs in, while VMAs are split, merged, moved, copied and unmapped. */
class AnonVmaIndexTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x5000_0000_0000L;
    private static final long READ = VmArea.VM_READ;
    private static final long RW = READ | VmArea.VM_WRITE;
    private static final int PAGES = 24;
    private static final int CALLS = 250;
    private static final int MOST_MMS = 4;

    private Kernel kernel;
    private long probe;
    private int met;

    @ParameterizedTest
    @ValueSource(strings = {AnonVmaIndexes.LIST, AnonVmaIndexes.INTERVAL_TREE})
    void shouldLetWalksMeetEveryVmaThatCoversThePage(String name) {
        KernelConfig config = new KernelConfig("root-recheck", 0).withAnonVmaIndex(name);
        try (VmaTestKernel test = VmaTestKernel.boot(MemoryModel.SC, 1, 1, config)) {
            kernel = test.kernel;
            test.run((cpu, id) -> {
                probe = kernel.pages().allocPages(cpu, Gfp.KERNEL, 0);
                SplittableRandom random = new SplittableRandom(7);
                List<Long> mms = new ArrayList<>(List.of(kernel.mms().mmAlloc(cpu)));
                map(cpu, mms.get(0), BASE, PAGES);
                for (int i = 0; i < CALLS; i++) {
                    call(cpu, mms, random);
                    for (long mm : mms) {
                        check(cpu, mm, name.equals(AnonVmaIndexes.LIST));
                    }
                    long[] all = mms.stream().mapToLong(Long::longValue).toArray();
                    assertEquals("", new AnonVmaAudit(kernel.anonVmas()).audit(cpu, all));
                }
                for (long mm : mms) {
                    kernel.mms().mmput(cpu, mm);
                }
                Page.INDEX.set(cpu, probe, 0);
                kernel.pages().putPage(cpu, probe);
            });
        }
        assertTrue(met > CALLS, () -> "walks have met only " + met + " VMAs");
    }

    private void map(Cpu cpu, long mm, long at, int pages) {
        assertEquals(at, kernel.mmap().mmap(cpu, mm, at, pages * PAGE, RW, true, Cpu.NULL, 0));
        for (int i = 0; i < pages; i++) {
            assertEquals(0, kernel.userAccess().store64(cpu, mm, at + i * PAGE, i));
        }
    }

    private void call(Cpu cpu, List<Long> mms, SplittableRandom random) {
        int which = random.nextInt(mms.size());
        long mm = mms.get(which);
        long at = BASE + random.nextInt(PAGES) * PAGE;
        int pages = 1 + random.nextInt(3);
        switch (random.nextInt(6)) {
            case 0 -> kernel.mmap().mprotect(cpu, mm, at, pages * PAGE, random.nextBoolean() ? READ : RW);
            case 1 -> kernel.mmap().munmap(cpu, mm, at, pages * PAGE);
            case 2 -> map(cpu, mm, at, pages);
            case 3 ->
                kernel.mmap().mremap(cpu, mm, at, PAGE, PAGE, true, BASE + (PAGES + random.nextInt(PAGES)) * PAGE);
            case 4 ->
                kernel.mmap().mremap(cpu, mm, BASE + (PAGES + random.nextInt(PAGES)) * PAGE, PAGE, PAGE, true, at);
            default -> {
                if (mms.size() < MOST_MMS) {
                    mms.add(kernel.mms().dupMm(cpu, mm));
                } else {
                    kernel.mms().mmput(cpu, mms.remove(which));
                }
            }
        }
    }

    private void check(Cpu cpu, long mm, boolean meetsAll) {
        for (long vma = MmStruct.MMAP.get(cpu, mm); vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
            long anonVma = VmArea.ANON_VMA.get(cpu, vma);
            if (anonVma != Cpu.NULL) {
                long first = VmArea.VM_PGOFF.get(cpu, vma);
                long end = first + pages(cpu, vma);
                for (long index : new long[] {first - 1, first, end - 1, end}) {
                    checkWalk(cpu, anonVma, index, meetsAll);
                }
            }
        }
    }

    private static long pages(Cpu cpu, long vma) {
        return (VmArea.VM_END.get(cpu, vma) - VmArea.VM_START.get(cpu, vma)) / PAGE;
    }

    private void checkWalk(Cpu cpu, long anonVma, long index, boolean meetsAll) {
        AnonVmaIndex vmas = kernel.anonVmas().index();
        LongStream.Builder all = LongStream.builder();
        for (long at = vmas.firstOfAll(cpu, anonVma); at != Cpu.NULL; at = vmas.nextOfAll(cpu, anonVma, at)) {
            long vma = AnonVmaChain.VMA.get(cpu, at);
            long first = VmArea.VM_PGOFF.get(cpu, vma);
            if (meetsAll || first <= index && index < first + pages(cpu, vma)) {
                all.add(at);
            }
        }
        Page.INDEX.set(cpu, probe, index);
        LongStream.Builder walked = LongStream.builder();
        for (long at = vmas.first(cpu, anonVma, probe); at != Cpu.NULL; at = vmas.next(cpu, anonVma, at, probe)) {
            walked.add(at);
            met++;
        }
        assertEquals(all.build().boxed().toList(), walked.build().boxed().toList());
    }

    @Test
    void shouldRefuseATreeOfVmasWhereEveryAnonVmaHasItsOwnLock() {
        KernelConfig config = new KernelConfig("local-lock", 0);
        assertThrows(IllegalArgumentException.class, () -> config.withAnonVmaIndex(AnonVmaIndexes.INTERVAL_TREE));
    }
}
