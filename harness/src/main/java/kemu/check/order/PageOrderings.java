package kemu.check.order;

import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.BlockDevice;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.RmapWalk;
import kemu.mm.types.VmArea;

/** What mm promises about order where pages come and go: devices, page cache, swap, kswapd. */
final class PageOrderings {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long FILE = 43;
    private static final long VALUE = 7;
    private static final int FEW = 3;

    private PageOrderings() {}

    /** A task has a device read a frame that it has just written, and write another that it then reads. */
    static Consumer<Cpu> dma(Kernel kernel, Scene scene) {
        BlockDevice device = new BlockDevice(kernel.machine(), 1);
        long from = Orderings.page(kernel);
        long to = Orderings.page(kernel);
        scene.task(0, "driver", cpu -> {
            cpu.write64(from + 64, VALUE);
            device.write(cpu, 0, from);
            device.read(cpu, 0, to);
            if (cpu.read64(to + 64) != VALUE) {
                throw new Violation(
                        FailureKind.HALF_MADE,
                        "BUG: a device did not see what its CPU had written: " + cpu.read64(to + 64));
            }
        });
        return cpu -> {};
    }

    /** A file is opened and looked up while the pages of files that nobody has open are dropped. */
    static Consumer<Cpu> drop(Kernel kernel, Scene scene) {
        Cpu boot = kernel.machine().bootCpu();
        long file = kernel.files().open(boot, FILE);
        kernel.pages().putPage(boot, kernel.pageCache().findOrRead(boot, file, 0));
        kernel.lru().drainAll(boot);
        kernel.files().put(boot, file);
        // Dropping pages calls a function on every CPU, so the other one must answer.
        scene.idles(1);
        scene.task(0, "dropper", kernel.files()::dropCaches);
        scene.task(1, "finder", cpu -> {
            long mapping = kernel.files().open(cpu, FILE);
            for (int i = 0; i < 2; i++) {
                long page = kernel.pageCache().find(cpu, mapping, 0);
                if (page == Cpu.NULL) {
                    continue;
                }
                kernel.pageLock().lock(cpu, page);
                if (Page.MAPPING.readOnce(cpu, page) != mapping) {
                    throw new Violation(FailureKind.WRONG_OBJECT, "BUG: a page found in the cache had left it");
                }
                kernel.pageLock().unlock(cpu, page);
                kernel.pages().putPage(cpu, page);
            }
            kernel.files().put(cpu, mapping);
        });
        return cpu -> {};
    }

    /** Two threads touch a page that is in swap: one reads it in, the other finds it in the swap cache. */
    static Consumer<Cpu> swap(Kernel kernel, Scene scene) {
        Cpu boot = kernel.machine().bootCpu();
        long mm = kernel.mms().mmAlloc(boot);
        kernel.mmap().mmap(boot, mm, BASE, PAGE, VmArea.VM_READ | VmArea.VM_WRITE, true, Cpu.NULL, 0);
        kernel.userAccess().store64(boot, mm, BASE, VALUE);
        swapOut(kernel, boot, mm);
        for (int i = 0; i < 2; i++) {
            scene.task(i, "thread" + i, cpu -> {
                if (kernel.userAccess().load64(cpu, mm, BASE, VALUE) != 0) {
                    throw new Violation(
                            FailureKind.USER_MEMORY,
                            "BUG: a page came back from swap with "
                                    + kernel.userAccess().lastValue(cpu));
                }
            });
        }
        return cpu -> kernel.mms().mmput(cpu, mm);
    }

    /**
     * A thread writes to a page that is in swap, another forgets it by madvise: whoever puts the last reference must
     * find the page unlocked.
     */
    static Consumer<Cpu> swapDrop(Kernel kernel, Scene scene) {
        Cpu boot = kernel.machine().bootCpu();
        long mm = kernel.mms().mmAlloc(boot);
        kernel.mmap().mmap(boot, mm, BASE, PAGE, VmArea.VM_READ | VmArea.VM_WRITE, true, Cpu.NULL, 0);
        kernel.userAccess().store64(boot, mm, BASE, VALUE);
        swapOut(kernel, boot, mm);
        // In the swap cache: what comes back from the device is another scene's.
        kernel.pages().putPage(boot, kernel.swap().readIn(boot, swapEntry(kernel, boot, mm)));
        // Until then a pagevec has a reference.
        kernel.lru().drainAll(boot);
        scene.task(0, "fault", cpu -> kernel.faults().handleMmFault(cpu, mm, BASE, true));
        scene.task(1, "madvise", cpu -> kernel.mmap().madviseDontneed(cpu, mm, BASE, PAGE));
        return cpu -> kernel.mms().mmput(cpu, mm);
    }

    private static long swapEntry(Kernel kernel, Cpu cpu, long mm) {
        return Pte.swapEntry(cpu.readOnce64(kernel.pageTable().find(cpu, mm, BASE)));
    }

    /** shrink_page_list for the page of {@code mm}. */
    private static void swapOut(Kernel kernel, Cpu cpu, long mm) {
        long page = kernel.pages()
                .pageOf(Pte.frame(cpu.readOnce64(kernel.pageTable().find(cpu, mm, BASE))));
        kernel.lru().drainAll(cpu);
        boolean out = kernel.lru().isolate(cpu, page) && kernel.pageLock().tryLock(cpu, page);
        // A page whose ptes are young would be kept.
        kernel.rmapWalk().pageReferenced(cpu, page, true);
        out = out && kernel.swap().addToSwap(cpu, page);
        out = out && kernel.rmapWalk().tryToUnmap(cpu, page) == RmapWalk.SWAP_SUCCESS;
        if (out) {
            kernel.swap().writepage(cpu, page);
            kernel.pageLock().lock(cpu, page);
            out = kernel.swap().removeMapping(cpu, page);
        }
        if (!out) {
            throw new SceneBroken("the page was not swapped out");
        }
        Page.FLAGS.set(cpu, page, Page.FLAGS.get(cpu, page) & ~(Page.PG_LOCKED | Page.PG_ACTIVE));
        kernel.pages().freePages(cpu, page, 0);
    }

    /** Memory gets low while kswapd is about to sleep. */
    static Consumer<Cpu> kswapd(Kernel kernel, Scene scene) {
        Cpu boot = kernel.machine().bootCpu();
        // The loop ends because memory is finite.
        while (kernel.pages().freePageCount(boot) > kernel.pages().lowWatermark() + 1) {
            kernel.pages().allocPages(boot, Gfp.NOWAIT, 0);
        }
        scene.task(0, "allocates", cpu -> {
            long[] taken = new long[FEW];
            for (int i = 0; i < FEW; i++) {
                taken[i] = kernel.pages().allocPages(cpu, Gfp.NOWAIT, 0);
                if (taken[i] == Cpu.NULL) {
                    throw new Violation(
                            FailureKind.OUT_OF_MEMORY,
                            "BUG: no page though the watermark for atomic allocations is not reached");
                }
            }
            for (long page : taken) {
                kernel.pages().putPage(cpu, page);
            }
        });
        scene.daemon(1, "kswapd0", kernel.vmscan()::runKswapd);
        return cpu -> {};
    }
}
