package kemu.check.tlb;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.pgtable.Pte;
import kemu.mm.pgtable.tlb.TlbModes;
import kemu.mm.rmap.RmapWalk;

/**
 * mremap moves a page. Reclaim finds it at its new address, unmaps it, flushes that address, and writes the page out,
 * while another thread still writes to it through a TLB entry of the old address: its write is lost.
 *
 * <p>Without TLBs this cannot be seen: a flush of any address waits for all accesses under way.
 */
final class MovedPage implements TlbScenario {
    private static final long TARGET = BASE + 4 * PAGE;
    private static final int SWAP_PAGES = 8;

    @Override
    public String name() {
        return "tlb-mremap";
    }

    @Override
    public String description() {
        return "mremap, reclaim of the page at its new address, and a write through a TLB entry of the old one";
    }

    @Override
    public String source() {
        return "Linux 4.18 mm/mremap.c, move_page_tables(); fixed by eb66ae030829 (4.19), CVE-2018-18281";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "mremap lets go of a page that a TLB still knows at its old address, CVE-2018-18281",
                "3.2 to 4.18.15",
                "",
                "eb66ae030829 (4.19, 4.18.16)",
                TlbModes.MREMAP_FLUSH_LAST));
    }

    @Override
    public int cpus() {
        return 3;
    }

    @Override
    public List<String> variants() {
        return List.of(TlbModes.EXPLORED, TlbModes.MREMAP_FLUSH_LAST, TlbModes.MREMAP_FLUSH_LAST_NONE);
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(SWAP_PAGES).withTlb(variant);
    }

    @Override
    public Expectation failure() {
        return Expectation.fails(FailureKind.USER_MEMORY);
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals(TlbModes.MREMAP_FLUSH_LAST_NONE)
                ? Expectation.hides("not explored: TLB")
                : TlbScenario.super.expected(subject);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        Cpu third = scene.cpu(2);
        long mm = Fixture.threads(kernel, boot);
        Fixture.write(kernel, third, mm, BASE, 1);
        long page = kernel.pages().pageOf(Pte.frame(scene.pte(boot, mm)));
        kernel.lru().drainAll(boot);
        // A page whose ptes are young would be kept.
        kernel.rmapWalk().pageReferenced(boot, page, true);
        boolean isolated = kernel.lru().isolate(boot, page) && kernel.pageLock().tryLock(boot, page);
        if (!isolated || !kernel.swap().addToSwap(boot, page)) {
            throw new SceneBroken("the page is not isolated");
        }
        kernel.pageLock().unlock(boot, page);
        long stamps = scene.word(scene.cpu(1));
        scene.task(0, "mremap", cpu -> {
            if (kernel.mmap().mremap(cpu, mm, BASE, PAGE, PAGE, true, TARGET) != TARGET) {
                throw new SceneBroken("mremap fails");
            }
        });
        scene.task(1, "reclaim", cpu -> {
            kernel.pageLock().lock(cpu, page);
            if (kernel.rmapWalk().tryToUnmap(cpu, page) == RmapWalk.SWAP_SUCCESS) {
                cpu.write64(stamps, cpu.readOnce64(kernel.pages().frameOf(page)));
            }
            kernel.pageLock().unlock(cpu, page);
        });
        scene.task(2, "write", cpu -> kernel.userAccess().storeInatomic(cpu, mm, BASE, 3));
        return cpu -> {
            long written = cpu.read64(stamps);
            long value = cpu.readOnce64(kernel.pages().frameOf(page));
            if (written != 0 && value != written) {
                throw new Violation(
                        FailureKind.USER_MEMORY,
                        "BUG: a page that is unmapped and written out as " + written + " becomes " + value);
            }
            kernel.lru().putback(cpu, page);
            Fixture.exit(kernel, cpu, mm);
        };
    }
}
