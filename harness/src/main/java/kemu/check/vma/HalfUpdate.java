package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.StructLayout;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.vma.SpeculativeLookup;
import kemu.mm.vma.VmaLookup;

/**
 * A writer locks two VMAs, changes two words of each, and unlocks both by one count up of their mm's number. Who then
 * locks one of them for reading must see both words changed, or neither.
 *
 * <p>The words are the scene's own, and all accesses to them are marked: no data race convicts anybody here, only what
 * was read. So sc and tso, where loads are in order, and stores, hide every variant. {@code vma-lock-mprotect} is the
 * same with the kernel's own plain accesses: there the order that is missing is a data race on every model.
 */
final class HalfUpdate implements VmaScenario {
    private static final long SECOND = BASE + 2 * PAGE;
    private static final int CTX = StructLayout.CACHE_LINE;
    private static final int OF_SECOND = 2 * StructLayout.CACHE_LINE;

    @Override
    public String name() {
        return "vma-lock-seq";
    }

    @Override
    public String description() {
        return "a reader of a VMA against a writer that unlocks all VMAs by one count up (6.4)";
    }

    @Override
    public String source() {
        return "Linux 6.4 include/linux/mm.h, vma_start_read(); fixed by b1f02b95758d (6.4.8)";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(new Bug(
                "one count up unlocks all VMAs, and nothing orders it: a fault sees half a change",
                "6.4.0 to 6.4.7",
                "5e31275cc997",
                "b1f02b95758d (6.5-rc4, 6.4.8)",
                "per-vma-lock-relaxed"));
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign(
                "per-vma-lock",
                "per-vma-lock-relaxed",
                "per-vma-lock-release",
                "per-vma-lock-acquire",
                "per-vma-lock-early",
                "per-vma-refcount");
    }

    @Override
    public Expectation expected(Subject subject) {
        switch (subject.variant()) {
            case "per-vma-lock-relaxed", "per-vma-lock-release", "per-vma-lock-acquire", "per-vma-lock-early" -> {}
            default -> {
                return Expectation.HOLDS;
            }
        }
        MemoryModel model = subject.model();
        if (!model.reordersStores()) {
            return Expectation.hides("loads are in order on " + model + ", and so are stores");
        }
        // What these two leave out is for a reader whose loads come early; the other two, for a writer.
        boolean readers =
                subject.variant().endsWith("-release") || subject.variant().endsWith("-early");
        return readers && !model.staleLoads()
                ? Expectation.hides("loads are in order on " + model)
                : Expectation.fails(FailureKind.EXCLUSION);
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        Fixture.map(kernel, boot, mm, SECOND, 1, Fixture.RW);
        Fixture.write(kernel, boot, mm, SECOND, 1);
        long first = kernel.mms().findVma(boot, mm, BASE);
        long second = kernel.mms().findVma(boot, mm, SECOND);
        long words = scene.word(boot);
        VmaLookup locks = kernel.mms().lookup();
        // One that keeps writers from freeing a VMA, not from changing it: as if it had to be locked all the same.
        FoundVma reader = locks instanceof SpeculativeLookup ? new FoundVma.UnderMmapSem(kernel) : FoundVma.of(kernel);
        scene.task(0, "reader", cpu -> {
            long vma = reader.find(cpu, mm, SECOND);
            boolean found = vma != Cpu.NULL;
            long flags = found ? cpu.readOnce64(words + OF_SECOND) : 0;
            long ctx = found ? cpu.readOnce64(words + OF_SECOND + CTX) : 0;
            reader.giveBack(cpu, mm, vma);
            if (flags != ctx) {
                throw new Violation(
                        FailureKind.EXCLUSION, "BUG: a VMA was read half changed: flags " + flags + ", ctx " + ctx);
            }
        });
        scene.task(1, "writer", cpu -> {
            kernel.mms().mmapLock().writeLock(cpu, mm);
            locks.startWrite(cpu, first);
            locks.startWrite(cpu, second);
            change(cpu, words);
            change(cpu, words + OF_SECOND);
            kernel.mms().mmapLock().writeUnlock(cpu, mm);
        });
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }

    private static void change(Cpu cpu, long words) {
        cpu.writeOnce64(words, 1);
        cpu.writeOnce64(words + CTX, 1);
    }
}
