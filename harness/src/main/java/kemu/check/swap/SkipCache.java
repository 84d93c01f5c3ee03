package kemu.check.swap;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.check.vma.Fixture;
import kemu.check.vma.PageOut;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.fault.direct.SlotPins;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;

/**
 * Two threads touch a page that is swapped out, past the swap cache. One of them writes to it, and reclaim unmaps it
 * again, with the same entry, which the area's only slot makes sure of. What the other one has read meanwhile is old,
 * and its pte is as it was.
 *
 * <p>Variants that end in {@code -one-cpu} and {@code direct-spins} have both threads on one CPU and no reclaim: they
 * are about who waits for whom. Who reads through the cache spins for the end of what another CPU does to an entry,
 * without saying for which word, so that no search covers all of it: that is a scenario of its own. Searches that
 * sample find there that a fault may take memory to be out: it finds its entry free, and then its pte as it was, since
 * the entry is in use again. So may do_swap_page of 2.6.36, which asks pte_same as well.
 */
final class SkipCache implements OwnVariants {
    private static final long OLD = 1;
    private static final long NEW = 2;
    private static final String SPINS = "direct-spins";
    private static final String ONE_CPU = "-one-cpu";

    private final boolean cached;

    private SkipCache(boolean cached) {
        this.cached = cached;
    }

    /** Past the cache. */
    static SkipCache direct() {
        return new SkipCache(false);
    }

    /** Through it. */
    static SkipCache cached() {
        return new SkipCache(true);
    }

    @Override
    public String name() {
        return cached ? "swap-through-cache" : "swap-skip-cache";
    }

    @Override
    public String description() {
        return "two threads swap a page in " + (cached ? "through" : "past")
                + " the swap cache, one writes, and the page goes out to the same entry";
    }

    @Override
    public boolean coverable() {
        return !cached;
    }

    @Override
    public String source() {
        return "Linux 6.7 mm/memory.c, do_swap_page(); fixed by 13ddaf26be32 (6.8), CVE-2024-26759";
    }

    @Override
    public List<Bug> bugs() {
        return cached
                ? List.of()
                : List.of(new Bug(
                        "a swap-in that bypasses the swap cache maps a stale page, a write is lost (CVE-2024-26759)",
                        "4.15 to 6.7",
                        "0bcac06f27d7",
                        "13ddaf26be32 (6.8-rc6)",
                        "direct-one-user"));
    }

    @Override
    public List<String> variants() {
        return cached
                ? List.of(SlotPins.CACHED)
                : List.of(SlotPins.PINNED, "direct-unpinned", "direct-one-user", SlotPins.PINNED + ONE_CPU, SPINS);
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(1).withSwapIn(variant.replace(ONE_CPU, ""));
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "direct-unpinned", "direct-one-user" -> Expectation.fails(FailureKind.USER_MEMORY);
            case SPINS -> Expectation.fails(FailureKind.LIVELOCK);
            default -> Expectation.HOLDS;
        };
    }

    /** Two are what the failures need. */
    @Override
    public int deviations(MemoryModel model) {
        return 2;
    }

    /** None that gives way needs half of it. */
    @Override
    public int mostSteps() {
        return 3_000;
    }

    private static boolean onOneCpu(String variant) {
        return variant.endsWith(ONE_CPU) || variant.equals(SPINS);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        boolean onOneCpu = onOneCpu(variant);
        long mm = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, mm, BASE, 1, Fixture.RW);
        Fixture.write(kernel, boot, mm, BASE, OLD);
        if (!PageOut.page(kernel, boot, mm, BASE)) {
            throw new SceneBroken("the page is not swapped out");
        }
        scene.task(0, "read", cpu -> {
            if (kernel.userAccess().load64(cpu, mm, BASE, OLD) < 0) {
                throw new SceneBroken("a read of user memory fails");
            }
        });
        scene.task(onOneCpu ? 0 : 1, "write", cpu -> {
            Fixture.write(kernel, cpu, mm, BASE, NEW);
            if (!onOneCpu) {
                unmap(kernel, cpu, mm);
            }
        });
        return cpu -> {
            if (kernel.userAccess().load64(cpu, mm, BASE, NEW) != 0) {
                throw new Violation(
                        FailureKind.USER_MEMORY,
                        "BUG: user memory at 0x" + Long.toHexString(BASE) + " holds "
                                + kernel.userAccess().lastValue(cpu) + " instead of " + NEW + ": a write is lost");
            }
            scene.exit(cpu, mm);
        };
    }

    /** shrink_page_list, up to where the page is unmapped: the swap cache has it, and the entry. */
    private static void unmap(Kernel kernel, Cpu cpu, long mm) {
        long pte = cpu.readOnce64(kernel.pageTable().find(cpu, mm, BASE));
        if (!Pte.present(pte)) {
            throw new SceneBroken("somebody else has unmapped the page");
        }
        // Its pte keeps it, as nobody else unmaps it.
        long page = kernel.pages().pageOf(Pte.frame(pte));
        Page.get(cpu, page);
        kernel.pageLock().lock(cpu, page);
        kernel.rmapWalk().pageReferenced(cpu, page, true);
        if (Page.test(cpu, page, Page.PG_SWAPCACHE) || kernel.swap().addToSwap(cpu, page)) {
            kernel.rmapWalk().tryToUnmap(cpu, page);
        }
        kernel.pageLock().unlock(cpu, page);
        kernel.pages().putPage(cpu, page);
    }
}
