package kemu.mm.vma;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.PhysMem;
import kemu.kernel.context.Task;
import kemu.kernel.task.Sched;
import kemu.mm.page.VmStatItem;
import kemu.mm.rmap.AnonVmaAudit;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Random system calls against a model on the host, with contents; and forks in between. */
class MmapModelTest {
    private static final long PAGE = PhysMem.PAGE_SIZE;
    /** The window straddles a border of page tables, so that both sides of every table rule are met. */
    private static final long WINDOW = (0x5000_0000_0000L + 3 * (1L << 21)) - 16 * PAGE;

    private static final int WINDOW_PAGES = 48;
    private static final long HEAP = 0x5100_0000_0000L;
    private static final long[] RIGHTS = {
        0,
        VmArea.VM_READ,
        VmArea.VM_READ | VmArea.VM_WRITE,
        VmArea.VM_READ | VmArea.VM_WRITE,
        VmArea.VM_READ | VmArea.VM_EXEC
    };

    private VmaTestKernel test;
    private SplittableRandom random;
    private MmModel model;
    private long mm;
    private long brk;
    private long swappedOut;
    private long swappedIn;

    @ParameterizedTest
    @CsvSource({
        "native, 40, 250, mmap-sem",
        "emu, 40, 100, mmap-sem",
        "native, 40, 250, per-vma-refcount",
        "emu, 40, 100, per-vma-refcount",
        "emu, 20, 100, per-vma-lock",
        "emu, 20, 100, spf"
    })
    void shouldBehaveLikeTheModelWhenCallsAreRandom(String kind, int seeds, int steps, String vmaLookup) {
        swappedOut = 0;
        swappedIn = 0;
        for (int seed = 0; seed < seeds; seed++) {
            try (VmaTestKernel booted = VmaTestKernel.boot(kind, 2, seed, vmaLookup)) {
                test = booted;
                random = new SplittableRandom(seed);
                model = new MmModel();
                booted.run((cpu, id) -> script(cpu, steps));
            } catch (RuntimeException | Error failure) {
                throw new AssertionError("seed " + seed + ": " + failure.getMessage(), failure);
            }
        }
        assertTrue(swappedOut > seeds && swappedIn > 0, () -> "swapped out " + swappedOut + ", in " + swappedIn);
    }

    private void script(Cpu cpu, int steps) {
        mm = test.kernel.mms().mmAlloc(cpu);
        MmStruct.START_BRK.set(cpu, mm, HEAP);
        MmStruct.BRK.set(cpu, mm, HEAP);
        brk = HEAP;
        boolean owner = random.nextBoolean();
        if (owner) {
            Task.MM.set(cpu, Sched.current(cpu), mm);
        }
        for (int i = 0; i < steps; i++) {
            String what = step(cpu);
            test.audit(cpu, mm, what);
            model.compare(cpu, mm, what);
            assertEquals("", new AnonVmaAudit(test.kernel.anonVmas()).audit(cpu, mm), what);
        }
        model.loadAll(cpu, test.kernel, mm);
        swappedOut += test.kernel.vmStat().sum(cpu, VmStatItem.PSWPOUT);
        swappedIn += test.kernel.vmStat().sum(cpu, VmStatItem.PSWPIN);
        Task.MM.set(cpu, Sched.current(cpu), 0);
        test.kernel.mms().mmput(cpu, mm);
    }

    private String step(Cpu cpu) {
        int kind = random.nextInt(20);
        if (kind < 4) {
            return mmap(cpu);
        }
        if (kind < 6) {
            return munmap(cpu);
        }
        if (kind < 9) {
            return mprotect(cpu);
        }
        if (kind < 12) {
            return mremap(cpu);
        }
        return switch (kind) {
            case 12 -> brk(cpu);
            case 13 -> dontneed(cpu);
            case 14 -> fork(cpu);
            case 15 -> reclaim(cpu);
            default -> touch(cpu);
        };
    }

    private long anyPage() {
        if (!model.pages.isEmpty() && random.nextInt(4) == 0) {
            Long at = model.pages.floorKey(random.nextBoolean() ? model.pages.lastKey() : WINDOW >> 12);
            if (at != null) {
                return at << 12;
            }
        }
        return WINDOW + random.nextInt(WINDOW_PAGES) * PAGE;
    }

    private long anyLength() {
        return (1 + random.nextInt(random.nextBoolean() ? 4 : 16)) * PAGE;
    }

    private long anyRights() {
        return RIGHTS[random.nextInt(RIGHTS.length)];
    }

    private String mmap(Cpu cpu) {
        long address = anyPage();
        long length = anyLength();
        long key = random.nextInt(3) == 0 ? 100 + random.nextInt(2) : 0;
        long flags = anyRights() | (key != 0 && random.nextInt(3) == 0 ? VmArea.VM_SHARED : 0);
        boolean fixed = random.nextInt(4) != 0;
        long offset = key == 0 ? 0 : random.nextInt(8);
        long file = key == 0 ? 0 : test.kernel.files().open(cpu, key);
        long at = test.kernel.mmap().mmap(cpu, mm, address, length - random.nextInt(100), flags, fixed, file, offset);
        if (file != 0) {
            test.kernel.files().put(cpu, file);
        }
        String what = "mmap 0x" + Long.toHexString(address) + "+" + length + " fixed " + fixed;
        assertTrue(!Errno.isError(at), () -> what + " returned " + at);
        if (fixed) {
            assertEquals(address, at, what);
        } else {
            assertTrue(model.free(at, length), () -> what + " chose a taken range");
            assertTrue(!model.free(address, length) || at == address, () -> what + " ignored its hint");
        }
        model.map(at, length, flags, key, key == 0 ? at >> 12 : offset);
        return what;
    }

    private String munmap(Cpu cpu) {
        long address = anyPage();
        long length = anyLength();
        assertEquals(0, test.kernel.mmap().munmap(cpu, mm, address, length));
        model.unmap(address, length);
        return "munmap 0x" + Long.toHexString(address) + "+" + length;
    }

    private String mprotect(Cpu cpu) {
        long address = anyPage();
        long length = anyLength();
        long rights = anyRights();
        boolean whole = model.protect(address, length, rights);
        int status = test.kernel.mmap().mprotect(cpu, mm, address, length, rights);
        String what = "mprotect 0x" + Long.toHexString(address) + "+" + length + " to " + rights;
        assertEquals(whole ? 0 : Errno.ENOMEM, status, what);
        return what;
    }

    private String mremap(Cpu cpu) {
        long address = anyPage();
        long length = anyLength();
        long newLength = anyLength();
        boolean mayMove = random.nextInt(4) != 0;
        long target = mayMove && random.nextInt(3) == 0 ? anyPage() : 0;
        long at = test.kernel.mmap().mremap(cpu, mm, address, length, newLength, mayMove, target);
        String what = "mremap 0x" + Long.toHexString(address) + "+" + length + " to " + newLength + " at 0x"
                + Long.toHexString(target) + " returned 0x" + Long.toHexString(at);
        if (at == Errno.EINVAL) {
            assertTrue(target < address + length && address < target + newLength, what);
            return what;
        }
        if (target != 0) {
            model.unmap(target, newLength);
        }
        if (length > newLength) {
            model.unmap(address + newLength, length - newLength);
            length = newLength;
        }
        if (at == address) {
            assertTrue(length == newLength || model.free(address + length, newLength - length), what);
            if (newLength > length) {
                model.move(address, at, length, newLength);
                model.grownToNeighbour |= !model.free(address + newLength, PAGE);
            }
        } else if (at == Errno.EFAULT) {
            assertTrue(length > PAGE || model.free(address, PAGE), what);
        } else if (at == Errno.ENOMEM) {
            assertTrue(!mayMove, what);
        } else {
            assertTrue(target == 0 || at == target, what);
            assertTrue(model.free(at, newLength), what);
            model.move(address, at, length, newLength);
        }
        return what;
    }

    private String brk(Cpu cpu) {
        long end = HEAP + random.nextInt(20 * (int) PAGE);
        long from = brk + PAGE - 1 & -PAGE;
        long to = end + PAGE - 1 & -PAGE;
        boolean possible = to <= from || model.free(from, to - from + PAGE);
        assertEquals(possible ? end : brk, test.kernel.mmap().brk(cpu, mm, end));
        if (possible) {
            if (to < from) {
                model.unmap(to, from - to);
            } else {
                model.map(from, to - from, VmArea.VM_READ | VmArea.VM_WRITE, 0, 0);
            }
            brk = end;
        }
        return "brk 0x" + Long.toHexString(end);
    }

    private String dontneed(Cpu cpu) {
        long address = anyPage();
        long length = anyLength();
        boolean whole = model.dontneed(address, length);
        assertEquals(whole ? 0 : Errno.ENOMEM, test.kernel.mmap().madviseDontneed(cpu, mm, address, length));
        return "madvise 0x" + Long.toHexString(address) + "+" + length;
    }

    private String touch(Cpu cpu) {
        for (int i = 0; i < 6; i++) {
            long page = anyPage() >> 12;
            if (random.nextBoolean()) {
                model.store(cpu, test.kernel, mm, page, random.nextLong() | 1);
            } else {
                model.load(cpu, test.kernel, mm, page);
            }
        }
        return "touch";
    }

    private String reclaim(Cpu cpu) {
        test.reclaim(cpu);
        return "reclaim";
    }

    /** A child sees what the parent had; neither sees what the other writes. */
    private String fork(Cpu cpu) {
        long child = test.kernel.mms().dupMm(cpu, mm);
        assertTrue(child != 0, "fork failed");
        MmModel childModel = model.copy();
        test.audit(cpu, child, "fork, child");
        test.audit(cpu, mm, "fork, parent");
        childModel.compare(cpu, child, "fork, child");
        assertEquals("", new AnonVmaAudit(test.kernel.anonVmas()).audit(cpu, mm, child), "fork");
        for (Long page : model.pages.keySet().toArray(Long[]::new)) {
            if (random.nextInt(3) == 0) {
                childModel.store(cpu, test.kernel, child, page, random.nextLong() | 1);
            }
            if (random.nextInt(3) == 0) {
                model.store(cpu, test.kernel, mm, page, random.nextLong() | 1);
            }
        }
        if (random.nextBoolean()) {
            test.reclaim(cpu);
        }
        model.loadAll(cpu, test.kernel, mm);
        childModel.loadAll(cpu, test.kernel, child);
        test.audit(cpu, child, "writes after fork, child");
        test.kernel.mms().mmput(cpu, child);
        return "fork";
    }
}
