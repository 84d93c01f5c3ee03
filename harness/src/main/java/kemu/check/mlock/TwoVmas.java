package kemu.check.mlock;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Lru;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.VmArea;

/**
 * Two processes have locked one page, one munlocks it. Its walk finds the other's VMA, and passes it over if the
 * other's mmap_sem is taken at that moment: the page is munlocked though it is locked. That is tolerated, since reclaim
 * mlocks it again before it takes it.
 */
final class TwoVmas implements MlockScenario {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final int SWAP_PAGES = 64;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;

    @Override
    public String name() {
        return "mlock-two-vmas";
    }

    @Override
    public String description() {
        return "munlock() of a page that another process has locked, which is mapping something";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/rmap.c try_to_munlock(); 53f79acb6ec (2.6.33)";
    }

    @Override
    public List<String> variants() {
        return MlockScenario.withForeign(List.of("with-barrier", "pte-lock", "last-unmap-pte-lock", "rmap-counted"));
    }

    @Override
    public int deviations(MemoryModel model) {
        return 2;
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(SWAP_PAGES).withMlock(variant);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long parent = scene.newWriter(boot);
        long child = scene.fork(boot, parent);
        kernel.lru().drain(boot);
        for (long mm : new long[] {parent, child}) {
            // Locked for reading only, so that no copy is made.
            if (kernel.mmap().mprotect(boot, mm, BASE, PAGE, VmArea.VM_READ) != 0
                    || kernel.mlock().mlockDrained(boot, mm, BASE, PAGE) != 0) {
                throw new SceneBroken("mprotect or mlock fails");
            }
        }
        kernel.lru().drain(boot);
        long page = kernel.pages().pageOf(Pte.frame(scene.pte(boot, child)));
        scene.task(0, "munlock", cpu -> {
            if (kernel.mlock().munlock(cpu, parent, BASE, PAGE) != 0) {
                throw new SceneBroken("munlock fails");
            }
        });
        scene.task(1, "mmap", cpu -> {
            if (kernel.mmap().mmap(cpu, child, BASE + 8 * PAGE, PAGE, RW, true, Cpu.NULL, 0) < 0) {
                throw new SceneBroken("mmap fails");
            }
        });
        return cpu -> {
            boolean mlocked = Page.test(cpu, page, Page.PG_MLOCKED);
            kernel.lru().drain(cpu);
            boolean unevictable = kernel.lru().size(cpu, Lru.UNEVICTABLE) != 0;
            if (mlocked != unevictable) {
                throw new Violation(FailureKind.STRANDED_PAGE, "BUG: the page is on the wrong list");
            }
            if (!mlocked) {
                reclaim(kernel, cpu, page);
            }
            if (!Page.test(cpu, page, Page.PG_MLOCKED) || !Page.isMapped(cpu, page)) {
                throw new Violation(FailureKind.BAD_PAGE_STATE, "BUG: reclaim takes a page that a locked VMA maps");
            }
            scene.exit(cpu, child);
            scene.exit(cpu, parent);
            if (kernel.vmStat().sum(cpu, VmStatItem.NR_MLOCK) != 0) {
                throw new Violation(FailureKind.ACCOUNTING, "BUG: nr_mlock is not 0 though nobody is left");
            }
        };
    }

    /** As shrink_page_list does with a page that is not mlocked. */
    private static void reclaim(Kernel kernel, Cpu cpu, long page) {
        Page.get(cpu, page);
        kernel.pageLock().lock(cpu, page);
        if (!kernel.swap().addToSwap(cpu, page)) {
            throw new SceneBroken("no swap");
        }
        // Forgets that the page was in use.
        kernel.rmapWalk().pageReferenced(cpu, page, true);
        kernel.rmapWalk().tryToUnmap(cpu, page);
        kernel.pageLock().unlock(cpu, page);
        kernel.pages().putPage(cpu, page);
    }
}
