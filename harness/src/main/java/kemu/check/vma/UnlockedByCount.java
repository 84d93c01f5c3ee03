package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.order.Order;
import kemu.mm.Kernel;
import kemu.mm.pgtable.PageTable;

/**
 * mprotect changes a VMA and unlocks it by one count up of its mm's number. A fault that sees the VMA unlocked must see
 * it changed: nothing else than that number orders the two, even if what the fault reads is already the number of the
 * next writer, who has changed nothing yet ({@code vma-lock-next-writer}). Linux 6.15 counts that one up by a plain
 * store; where all CPUs see stores in one order, as on x86 and arm64, no value can tell, and the race detector does.
 */
final class UnlockedByCount implements VmaScenario {
    private static final int PAGES = (int) (PageTable.PMD_SIZE / Fixture.PAGE);
    private static final long FIRST_TABLE = BASE + 8 * PageTable.PMD_SIZE;
    private static final long VICTIM = FIRST_TABLE + PageTable.PMD_SIZE;

    /** Whether another writer takes mmap_sem afterwards. */
    private final boolean nextWriter;

    UnlockedByCount(boolean nextWriter) {
        this.nextWriter = nextWriter;
    }

    @Override
    public String name() {
        return nextWriter ? "vma-lock-next-writer" : "vma-lock-mprotect";
    }

    @Override
    public String description() {
        return nextWriter
                ? "as vma-lock-mprotect, and the next writer counts up before the fault looks"
                : "a fault under its VMA's lock against mprotect, which unlocks all VMAs by one count up (6.4)";
    }

    @Override
    public int cpus() {
        return nextWriter ? 3 : 2;
    }

    @Override
    public String source() {
        return "Linux 6.4 include/linux/mm.h, vma_start_read(); fixed by b1f02b95758d (6.4.8)";
    }

    @Override
    public List<String> variants() {
        return nextWriter
                ? VmaScenario.withForeign("per-vma-lock", "per-vma-refcount", "spf")
                : VmaScenario.withForeign("per-vma-lock", "per-vma-lock-relaxed", "per-vma-refcount", "spf");
    }

    @Override
    public Expectation expected(Subject subject) {
        // On any model: what is executed in order is not ordered by that.
        return subject.variant().equals("per-vma-lock-relaxed")
                ? Expectation.fails(FailureKind.DATA_RACE)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        // No page table is left where the VMA is that has an anon_vma: mprotect takes no lock there, nor flushes.
        Fixture.map(kernel, boot, mm, FIRST_TABLE, 2 * PAGES, Fixture.RW);
        Fixture.write(kernel, boot, mm, FIRST_TABLE, 1);
        Fixture.unmap(kernel, boot, mm, FIRST_TABLE, PAGES);
        Fixture.warm(kernel, scene.cpu(0), mm);
        scene.task(0, "fault", cpu -> kernel.faults().handleWithoutMmapSem(cpu, mm, VICTIM, false));
        long changed = nextWriter ? scene.word(boot) : Cpu.NULL;
        scene.task(1, "mprotect", cpu -> {
            if (kernel.mmap().mprotect(cpu, mm, VICTIM, PageTable.PMD_SIZE, Fixture.READ) != 0) {
                throw new SceneBroken("mprotect fails");
            }
            if (nextWriter) {
                cpu.storeRelease64(changed, 1, Order.RELEASE);
            }
        });
        if (nextWriter) {
            scene.task(2, "next", cpu -> {
                cpu.condLoadEq64(changed, -1, 1, Order.ACQUIRE);
                kernel.mms().mmapLock().writeLock(cpu, mm);
                kernel.mms().mmapLock().writeUnlock(cpu, mm);
            });
        }
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
