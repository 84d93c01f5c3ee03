package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.mm.fault.Faults;
import kemu.mm.page.Gfp;
import kemu.mm.page.Reclaimer;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Memory ends after a random number of pages, in the middle of a call: it fails whole, or what it did is consistent.
 */
class MmapOutOfMemoryTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    private static final long BASE = 0x5000_0000_0000L + (1L << 21) - 8 * PAGE;
    private static final long FAR = 0x5200_0000_0000L;
    private static final int PAGES = 24;
    private static final long READ_WRITE = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final int CALLS = 6;

    /** Nothing can be reclaimed, and nobody can be killed. */
    private static final class NoReclaimer implements Reclaimer {
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

    private VmaTestKernel test;
    private SplittableRandom random;
    private long mm;
    private long file;
    private int failures;

    @ParameterizedTest
    @CsvSource({"native, 150", "emu, 150"})
    void shouldUnwindWhenMemoryEndsInTheMiddle(String kind, int seeds) {
        failures = 0;
        for (int seed = 0; seed < seeds; seed++) {
            try (VmaTestKernel booted = VmaTestKernel.boot(kind, 1, seed)) {
                test = booted;
                random = new SplittableRandom(seed);
                booted.kernel.pages().reclaimer(new NoReclaimer());
                booted.run((cpu, id) -> script(cpu));
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(failures > seeds / 4, "hardly any call failed: " + failures);
    }

    private void script(Cpu cpu) {
        mm = test.kernel.mms().mmAlloc(cpu);
        file = test.kernel.files().open(cpu, 5);
        Mmap calls = test.kernel.mmap();
        calls.mmap(cpu, mm, BASE, PAGES * PAGE, READ_WRITE, true, 0, 0);
        calls.mmap(cpu, mm, BASE + PAGES * PAGE, 8 * PAGE, READ_WRITE, true, file, 0);
        for (int i = 0; i < PAGES + 8; i++) {
            assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE + i * PAGE, i + 1));
        }
        for (int i = 0; i < CALLS; i++) {
            List<Long> hogs = hog(cpu, random.nextInt(14));
            call(cpu);
            test.audit(cpu, mm, "out of memory");
            for (long page : hogs) {
                test.kernel.pages().putPage(cpu, page);
            }
            verify(cpu, mm);
        }
        test.kernel.files().put(cpu, file);
        test.kernel.mms().mmput(cpu, mm);
    }

    /** Takes all memory but {@code left} pages. */
    private List<Long> hog(Cpu cpu, int left) {
        List<Long> hogs = new ArrayList<>();
        long page = test.kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
        while (page != 0) {
            hogs.add(page);
            page = test.kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
        }
        for (int i = 0; i < left && !hogs.isEmpty(); i++) {
            test.kernel.pages().putPage(cpu, hogs.remove(hogs.size() - 1));
        }
        return hogs;
    }

    /** What is mapped at the old place has its old contents. */
    private void verify(Cpu cpu, long space) {
        for (int i = 0; i < PAGES + 8; i++) {
            if (VmaTree.findIntersection(cpu, space, BASE + i * PAGE, BASE + (i + 1) * PAGE) != 0) {
                assertEquals(0, test.kernel.userAccess().load64(cpu, space, BASE + i * PAGE, i + 1), "page " + i);
            }
        }
    }

    private void call(Cpu cpu) {
        Mmap calls = test.kernel.mmap();
        long at = BASE + random.nextInt(PAGES) * PAGE;
        switch (random.nextInt(6)) {
            case 0, 1 -> fork(cpu);
            case 2 -> count(calls.munmap(cpu, mm, at, PAGE));
            case 3 -> count(calls.mprotect(cpu, mm, at, 2 * PAGE, VmArea.VM_READ));
            case 4 -> {
                long moved = calls.mremap(cpu, mm, at, PAGE, 2 * PAGE, true, FAR + random.nextInt(9) * (1L << 30));
                assertTrue(moved > 0 || moved == Errno.ENOMEM || moved == Errno.EFAULT, () -> "mremap: " + moved);
                count(moved);
            }
            default -> {
                long far = FAR + random.nextInt(2000) * (1L << 31);
                count(calls.mmap(cpu, mm, far, PAGE, READ_WRITE, true, random.nextBoolean() ? file : 0, 0));
                // Not through a user access, which would have somebody killed.
                if (test.kernel.faults().handleMmFault(cpu, mm, far, true) == Faults.OOM) {
                    failures++;
                }
            }
        }
    }

    private void count(long result) {
        if (result == Errno.ENOMEM) {
            failures++;
        }
    }

    private void fork(Cpu cpu) {
        long child = test.kernel.mms().dupMm(cpu, mm);
        if (child == 0) {
            failures++;
            return;
        }
        test.audit(cpu, child, "fork in short memory");
        verify(cpu, child);
        test.kernel.mms().mmput(cpu, child);
    }
}
