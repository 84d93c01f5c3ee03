package kemu.check.order;

import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.kernel.locking.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.file.PageCache;
import kemu.mm.page.Gfp;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;

/** What mm promises about order: user accesses, page tables, page cache, page lock, LRU. */
final class MmOrderings {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long FILE = 42;
    private static final int OTHERS = 5;

    private MmOrderings() {}

    private static long newMm(Kernel kernel, int pages) {
        Cpu boot = kernel.machine().cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        kernel.mmap().mmap(boot, mm, BASE, pages * (long) PAGE, VmArea.VM_READ | VmArea.VM_WRITE, true, Cpu.NULL, 0);
        return mm;
    }

    private static void store(Kernel kernel, Cpu cpu, long mm, int page, long value) {
        kernel.userAccess().store64(cpu, mm, BASE + page * (long) PAGE, value);
    }

    private static void load(Kernel kernel, Cpu cpu, long mm, int page, long expected) {
        long address = BASE + page * (long) PAGE;
        if (kernel.userAccess().load64(cpu, mm, address, expected) != 0) {
            throw new Violation(
                    FailureKind.USER_MEMORY,
                    "BUG: user memory holds " + kernel.userAccess().lastValue(cpu) + " instead of " + expected
                            + ", CPU#" + cpu.id());
        }
    }

    /** A thread reads and stores while another unmaps the page, whose frame another address space gets. */
    static Consumer<Cpu> shootdown(Kernel kernel, Scene scene) {
        long shared = newMm(kernel, 1);
        long other = newMm(kernel, OTHERS);
        Cpu boot = kernel.machine().cpu(1);
        store(kernel, boot, shared, 0, 5);
        for (int i = 0; i < OTHERS; i++) {
            load(kernel, boot, other, i, 0);
        }
        scene.task(0, "thread", cpu -> {
            // The answer is 0 if the value is the expected one, 1 if it is not, and negative if the page is gone.
            if (kernel.userAccess().load64(cpu, shared, BASE, 5) == 1) {
                throw new Violation(
                        FailureKind.USER_MEMORY,
                        "BUG: a thread read " + kernel.userAccess().lastValue(cpu) + " instead of 5");
            }
            store(kernel, cpu, shared, 0, 8);
        });
        scene.task(1, "unmapper", cpu -> {
            kernel.mmap().munmap(cpu, shared, BASE, PAGE);
            // The frames of the gather and of page tables are handed out again first, then that of the page.
            for (int i = 0; i < OTHERS; i++) {
                store(kernel, cpu, other, i, 9);
                load(kernel, cpu, other, i, 9);
            }
        });
        return cpu -> {
            for (int i = 0; i < OTHERS; i++) {
                load(kernel, cpu, other, i, 9);
            }
        };
    }

    /** Two threads fault in a new address space: page tables, anon_vma and pages are made by either. */
    static Consumer<Cpu> faults(Kernel kernel, Scene scene) {
        long mm = newMm(kernel, 2);
        for (int i = 0; i < 2; i++) {
            int own = i;
            scene.task(i, "thread" + i, cpu -> {
                store(kernel, cpu, mm, own, 3 + own);
                load(kernel, cpu, mm, own, 3 + own);
                store(kernel, cpu, mm, own ^ 1, 3 + (own ^ 1));
            });
        }
        return cpu -> {
            load(kernel, cpu, mm, 0, 3);
            load(kernel, cpu, mm, 1, 4);
            kernel.mms().mmput(cpu, mm);
        };
    }

    private static void contents(Kernel kernel, Cpu cpu, long page) {
        long found = cpu.read64(kernel.pages().frameOf(page));
        if (found != PageCache.contentsOf(FILE, 0, 0)) {
            throw new Violation(
                    FailureKind.HALF_MADE, "BUG: an up-to-date page of a file holds 0x" + Long.toHexString(found));
        }
    }

    /** Two readers of a page that is not cached yet. */
    static Consumer<Cpu> pageCache(Kernel kernel, Scene scene) {
        Cpu boot = kernel.machine().cpu(1);
        long mapping = kernel.files().open(boot, FILE);
        for (int i = 0; i < 2; i++) {
            scene.task(i, "reader" + i, cpu -> {
                long page = kernel.pageCache().findOrRead(cpu, mapping, 0);
                contents(kernel, cpu, page);
                kernel.pages().putPage(cpu, page);
            });
        }
        return cpu -> {};
    }

    /** A lookup without a lock while the page is put into the cache. */
    static Consumer<Cpu> pageFind(Kernel kernel, Scene scene) {
        Cpu boot = kernel.machine().cpu(0);
        long mapping = kernel.files().open(boot, FILE);
        // With a neighbour in the tree no node is made and no lock is taken twice: either would order the accesses.
        kernel.pages().putPage(boot, kernel.pageCache().findOrRead(boot, mapping, 1));
        scene.task(
                0,
                "reader",
                cpu -> kernel.pages().putPage(cpu, kernel.pageCache().findOrRead(cpu, mapping, 0)));
        scene.task(1, "finder", cpu -> {
            for (int i = 0; i < 2; i++) {
                long page = kernel.pageCache().find(cpu, mapping, 0);
                if (page == Cpu.NULL) {
                    continue;
                }
                long flags = Page.FLAGS.readOnce(cpu, page);
                if ((flags & (Page.PG_LOCKED | Page.PG_UPTODATE)) == 0 || Page.MAPPING.readOnce(cpu, page) != mapping) {
                    throw new Violation(FailureKind.HALF_MADE, "BUG: page found in the cache before it was set up");
                }
                kernel.pages().putPage(cpu, page);
            }
        });
        return cpu -> {};
    }

    /** Two CPUs make the same page tables, and take the lock that lives in the last of them. */
    static Consumer<Cpu> tables(Kernel kernel, Scene scene) {
        long mm = newMm(kernel, 2);
        for (int i = 0; i < 2; i++) {
            long address = BASE + i * (long) PAGE;
            scene.task(i, "walker" + i, cpu -> {
                long pte = kernel.pageTable().alloc(cpu, mm, address);
                long lock = kernel.pageTable().lockOf(cpu, pte);
                for (int round = 0; round < 2; round++) {
                    SpinLock.lock(cpu, lock);
                    if (cpu.read64(pte) != 0) {
                        throw new Violation(FailureKind.HALF_MADE, "BUG: a page table that was just made has an entry");
                    }
                    SpinLock.unlock(cpu, lock);
                }
            });
        }
        return cpu -> {};
    }

    /** A thread makes the anon_vma of a VMA; another finds and locks it. */
    static Consumer<Cpu> anonVma(Kernel kernel, Scene scene) {
        long mm = newMm(kernel, 1);
        long vma = MmStruct.MMAP.get(kernel.machine().cpu(1), mm);
        scene.task(0, "maker", cpu -> kernel.anonVmas().anonVmaPrepare(cpu, vma));
        scene.task(1, "finder", cpu -> {
            for (int i = 0; i < 2; i++) {
                long anonVma = VmArea.ANON_VMA.readOnce(cpu, vma);
                // If the VMA has an anon_vma already, this changes nothing.
                if (anonVma == Cpu.NULL || kernel.anonVmas().anonVmaPrepare(cpu, vma) != 0) {
                    continue;
                }
                kernel.anonVmas().locking().lock(cpu, anonVma);
                if (!ListHead.singular(cpu, AnonVma.HEAD.of(anonVma))) {
                    throw new Violation(FailureKind.HALF_MADE, "BUG: the anon_vma of a VMA does not list it");
                }
                kernel.anonVmas().locking().unlock(cpu, anonVma);
            }
        });
        return cpu -> kernel.mms().mmput(cpu, mm);
    }

    /** The page lock keeps two words of a page equal; one task only waits until it is free. */
    static Consumer<Cpu> pageLock(Kernel kernel, Scene scene) {
        Cpu boot = kernel.machine().bootCpu();
        long page = kernel.pages().allocPages(boot, Gfp.KERNEL | Gfp.ZERO, 0);
        long frame = kernel.pages().frameOf(page);
        kernel.pageLock().lock(boot, page);
        for (int i = 0; i < 2; i++) {
            boolean first = i == 0;
            scene.task(i, "changer" + i, cpu -> {
                if (!first) {
                    kernel.pageLock().lock(cpu, page);
                }
                long one = cpu.read64(frame);
                cpu.write64(frame, one + 1);
                cpu.readOnce64(frame + 256);
                if (cpu.readOnce64(frame + 128) != one) {
                    throw new Violation(FailureKind.EXCLUSION, "BUG: words that the page lock keeps equal differ");
                }
                // The store is marked, since the waiter reads the word without the lock.
                cpu.writeOnce64(frame + 128, one + 1);
                kernel.pageLock().unlock(cpu, page);
            });
        }
        scene.task(2, "waiter", cpu -> {
            kernel.pageLock().waitOnLocked(cpu, page);
            if (cpu.readOnce64(frame + 128) == 0) {
                throw new Violation(
                        FailureKind.EXCLUSION,
                        "BUG: whoever waited for the page lock does not see what was done under it");
            }
        });
        return cpu -> {};
    }

    /** E-putback: reclaim puts a locked page back while munlock lets it go. */
    static Consumer<Cpu> putback(Kernel kernel, Scene scene) {
        Cpu boot = kernel.machine().bootCpu();
        long page = kernel.pages().allocPages(boot, Gfp.KERNEL | Gfp.ZERO, 0);
        Page.get(boot, page);
        Page.FLAGS.setBits(boot, page, Page.PG_MLOCKED);
        kernel.vmStat().inc(boot, VmStatItem.NR_MLOCK);
        scene.task(0, "reclaim", cpu -> kernel.lru().putback(cpu, page));
        scene.task(1, "munlock", cpu -> {
            if (Page.FLAGS.testAndClearBits(cpu, page, Page.PG_MLOCKED)) {
                kernel.vmStat().add(cpu, VmStatItem.NR_MLOCK, -1);
                if (kernel.lru().isolate(cpu, page)) {
                    kernel.lru().putback(cpu, page);
                }
            }
        });
        return cpu -> {
            if (kernel.lru().size(cpu, Lru.UNEVICTABLE) != 0) {
                throw new Violation(
                        FailureKind.STRANDED_PAGE, "BUG: a page that nobody locks is stranded on the unevictable list");
            }
        };
    }
}
