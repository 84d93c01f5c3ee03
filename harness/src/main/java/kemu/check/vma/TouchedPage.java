package kemu.check.vma;

import kemu.check.scenario.SceneBroken;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.RmapWalk;

/** What the write fault of a scene finds at its address, so what it has to do. */
enum TouchedPage {
    /** Nothing: do_anonymous_page. */
    NONE {
        @Override
        void prepare(Kernel kernel, Cpu cpu, long mm, long at) {}
    },
    /** The zero page: wp_page_copy. */
    ZERO {
        @Override
        void prepare(Kernel kernel, Cpu cpu, long mm, long at) {
            Fixture.read(kernel, cpu, mm, at);
        }
    },
    /** A page of its own that it may not write to yet: do_wp_page, which reuses the page. */
    OWN {
        @Override
        void prepare(Kernel kernel, Cpu cpu, long mm, long at) {
            Fixture.write(kernel, cpu, mm, at, 1);
            // mprotect only takes rights away from ptes.
            Fixture.protect(kernel, cpu, mm, at, 1, Fixture.READ);
            Fixture.protect(kernel, cpu, mm, at, 1, Fixture.RW);
        }
    },
    /** A swap entry whose page is in the swap cache: do_swap_page. */
    SWAP_CACHE {
        @Override
        void prepare(Kernel kernel, Cpu cpu, long mm, long at) {
            Fixture.write(kernel, cpu, mm, at, 1);
            unmap(kernel, cpu, page(kernel, cpu, mm, at));
        }
    };

    /** Entries of the swap area that this needs. */
    static final int SWAP_PAGES = 8;

    /** Sees to it that the fault finds it. */
    abstract void prepare(Kernel kernel, Cpu cpu, long mm, long at);

    /** The page that is mapped at {@code at}. */
    static long page(Kernel kernel, Cpu cpu, long mm, long at) {
        long pte = cpu.readOnce64(kernel.pageTable().find(cpu, mm, at));
        if (!Pte.present(pte)) {
            throw new SceneBroken("the page is not there");
        }
        return kernel.pages().pageOf(Pte.frame(pte));
    }

    /** What reclaim does until it would write the page out: it stays in the swap cache, and on the LRU. */
    private static void unmap(Kernel kernel, Cpu cpu, long page) {
        Page.get(cpu, page);
        kernel.lru().drainAll(cpu);
        // A page whose ptes are young would be kept.
        kernel.rmapWalk().pageReferenced(cpu, page, true);
        boolean added = kernel.pageLock().tryLock(cpu, page) && kernel.swap().addToSwap(cpu, page);
        if (!added || kernel.rmapWalk().tryToUnmap(cpu, page) != RmapWalk.SWAP_SUCCESS) {
            throw new SceneBroken("the page is not unmapped");
        }
        kernel.pageLock().unlock(cpu, page);
        kernel.pages().putPage(cpu, page);
    }
}
