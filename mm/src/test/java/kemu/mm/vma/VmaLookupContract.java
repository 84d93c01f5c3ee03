package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.fault.Faults;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every sound {@link VmaLookup} must pass. A plug-in's test extends it and names the lookup. */
public abstract class VmaLookupContract {
    private static final long PAGE = 4096;
    private static final long BASE = 0x6000_0000_0000L;
    private static final int WINDOW = 64;
    private static final int CALLS = 400;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    /** The name of the lookup under test. */
    protected abstract String lookup();

    /** Whether a fault needs mmap_sem in any case. */
    protected boolean needsMmapSem() {
        return false;
    }

    /** Whether faults on VMAs at rest are served while mmap_sem is held for writing. */
    protected boolean servesBesideWriters() {
        return !needsMmapSem();
    }

    @Test
    void shouldSayItsName() {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, 1, lookup())) {
            assertEquals(lookup(), test.kernel.mms().lookup().name());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldServeAFaultWithoutMmapSemUnlessTheVmaIsBeingChanged(String kind) {
        try (VmaTestKernel test = VmaTestKernel.boot(kind, 1, 1, lookup())) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                test.kernel.mms().mmget(cpu, mm);
                test.kernel.mmap().mmap(cpu, mm, BASE, 4 * PAGE, RW, true, Cpu.NULL, 0);
                assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE, 1));
                int served = needsMmapSem() ? Faults.RETRY : Faults.MINOR;
                assertEquals(served, fault(test, cpu, mm, 1), "a VMA at rest");

                MmapLock lock = test.kernel.mms().mmapLock();
                lock.writeLock(cpu, mm);
                int beside = servesBesideWriters() ? served : Faults.RETRY;
                assertEquals(beside, fault(test, cpu, mm, 2), "mmap_sem is held, the VMA not locked");
                test.kernel.mms().lookup().startWrite(cpu, test.kernel.mms().findVma(cpu, mm, BASE));
                assertEquals(Faults.RETRY, fault(test, cpu, mm, 3), "the VMA is locked");
                lock.writeUnlock(cpu, mm);
                assertEquals(served, fault(test, cpu, mm, 3), "all are unlocked at once");

                test.kernel.mmap().munmap(cpu, mm, BASE + PAGE, PAGE);
                assertEquals(Faults.RETRY, fault(test, cpu, mm, 1), "nothing is mapped there");
                assertEquals(served, fault(test, cpu, mm, 2), "what was split off");
                test.kernel.mms().mmput(cpu, mm);
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    /** exit_mmap munlocks, and so changes VMAs without mmap_sem, whose release would end that. */
    @Test
    void shouldLetGoOfVmasThatAreLockedWhenTheirMmExits() {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, 1, lookup())) {
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                test.kernel.mmap().mmap(cpu, mm, BASE, 4 * PAGE, RW, true, Cpu.NULL, 0);
                assertEquals(0, test.kernel.userAccess().store64(cpu, mm, BASE, 1));
                assertEquals(0, test.kernel.mlock().mlock(cpu, mm, BASE + PAGE, 2 * PAGE));
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    private static int fault(VmaTestKernel test, Cpu cpu, long mm, int page) {
        return test.kernel.faults().handleWithoutMmapSem(cpu, mm, BASE + page * PAGE, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void shouldFindWhatIsMappedAfterAnyCall(int seed) {
        try (VmaTestKernel test = VmaTestKernel.boot("emu", 1, seed, lookup())) {
            SplittableRandom random = new SplittableRandom(seed);
            test.run((cpu, id) -> {
                long mm = test.kernel.mms().mmAlloc(cpu);
                // A thread of the mm may remember what it found; another task may not.
                Task.MM.set(cpu, Sched.current(cpu), seed % 2 == 0 ? mm : Cpu.NULL);
                for (int i = 0; i < CALLS; i++) {
                    call(test, cpu, mm, random);
                    compare(test, cpu, mm);
                }
                long child = test.kernel.mms().dupMm(cpu, mm);
                Task.MM.set(cpu, Sched.current(cpu), Cpu.NULL);
                compare(test, cpu, child);
                test.kernel.mms().mmput(cpu, child);
                test.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    private static void call(VmaTestKernel test, Cpu cpu, long mm, SplittableRandom random) {
        Mmap calls = test.kernel.mmap();
        long at = BASE + random.nextInt(WINDOW) * PAGE;
        long length = (1 + random.nextInt(6)) * PAGE;
        switch (random.nextInt(6)) {
            case 0, 1 -> calls.mmap(cpu, mm, at, length, random.nextBoolean() ? RW : VmArea.VM_READ, true, 0, 0);
            case 2 -> calls.munmap(cpu, mm, at, length);
            case 3 -> calls.mprotect(cpu, mm, at, length, random.nextBoolean() ? RW : VmArea.VM_READ);
            case 4 -> calls.mremap(cpu, mm, at, length, length + PAGE, true, 0);
            default -> test.kernel.userAccess().store64(cpu, mm, at, 1);
        }
    }

    /** Each VMA of the list is found at its first and at its last byte, and nothing in the gap before it. */
    private void compare(VmaTestKernel test, Cpu cpu, long mm) {
        long vma = MmStruct.MMAP.get(cpu, mm);
        long end = 0;
        while (vma != Cpu.NULL) {
            long start = VmArea.VM_START.get(cpu, vma);
            if (start > end) {
                check(test, cpu, mm, start - 1, Cpu.NULL);
            }
            end = VmArea.VM_END.get(cpu, vma);
            check(test, cpu, mm, start, vma);
            check(test, cpu, mm, end - 1, vma);
            vma = VmArea.VM_NEXT.get(cpu, vma);
        }
        check(test, cpu, mm, end, Cpu.NULL);
    }

    private void check(VmaTestKernel test, Cpu cpu, long mm, long address, long vma) {
        if (test.kernel.mms().lookup() instanceof VmaReadLock locks) {
            long found = locks.startRead(cpu, mm, address);
            if (found != Cpu.NULL) {
                locks.endRead(cpu, found);
            }
            boolean served = vma == Cpu.NULL || !locks.findsAnonVma() || VmArea.ANON_VMA.get(cpu, vma) != Cpu.NULL;
            assertEquals(served ? vma : Cpu.NULL, found, () -> "0x" + Long.toHexString(address));
        } else if (test.kernel.mms().lookup() instanceof VmaWalker walker) {
            walker.beginWalk(cpu);
            long node = walker.seek(cpu, mm, address);
            assertEquals(vma, node == Cpu.NULL ? Cpu.NULL : walker.vmaOf(cpu, node));
            walker.endWalk(cpu);
        } else if (test.kernel.mms().lookup() instanceof SpeculativeLookup lookup) {
            long found = lookup.findVmaRcu(cpu, mm, address);
            assertEquals(test.kernel.mms().findVma(cpu, mm, address), found);
            if (found != Cpu.NULL) {
                lookup.put(cpu, found);
            }
        }
    }
}
