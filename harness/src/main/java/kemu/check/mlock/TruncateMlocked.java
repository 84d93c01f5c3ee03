package kemu.check.mlock;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/**
 * Truncation frees a private copy of a file's page, while somebody else may mlock it: no page may be freed with
 * PG_mlocked. Truncation holds neither mmap_sem nor the page lock; what it has is the pte lock, under which it takes
 * the page out of the page table, and which it drops before it drops the page.
 */
final class TruncateMlocked implements MlockScenario {
    /** What goes on beside the truncation. */
    enum Beside {
        /** Nothing: the page is mlocked before. */
        NOTHING,
        /** mlock(), which may have the page from the page table when it is taken out. */
        MLOCK,
        /** Reclaim, which finds the page in a locked VMA that mlock() has missed. */
        RECLAIM,
        /** munlock(), which takes VM_LOCKED from the VMA before it comes to the page. */
        MUNLOCK,
        /** A write, which makes a private copy of the file's page, the first of its VMA. */
        WRITE
    }

    /** Ends the names of variants that leave private copies to the second unmapping. */
    private static final String COWS_LAST = "-cows-last";
    /** Of those that have no second unmapping. */
    private static final String ONE_PASS = "-one-pass";

    private final String name;
    private final String description;
    private final String source;
    private final Beside beside;
    private final List<String> variants;
    private final Set<String> bad;

    TruncateMlocked(
            String name, String description, String source, Beside beside, List<String> variants, String... bad) {
        this.name = name;
        this.description = description;
        this.source = source;
        this.beside = beside;
        this.variants = variants;
        this.bad = Set.of(bad);
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return description;
    }

    @Override
    public String source() {
        return source;
    }

    @Override
    public List<Bug> bugs() {
        return switch (beside) {
            case NOTHING ->
                List.of(new Bug(
                        "a private copy of a file's page is truncated while it is mlocked, and freed with PG_mlocked",
                        "2.6.28 to 3.6",
                        "b291f000393f",
                        "e6c509f85455 (3.7)",
                        "with-barrier",
                        "pte-lock"));
            case RECLAIM ->
                List.of(new Bug(
                        "reclaim mlocks a page for a locked VMA after the VMA's pte has gone",
                        "3.7 to 4.3",
                        "",
                        "b87537d9e2fe (4.4)",
                        "last-unmap"));
            default -> List.of();
        };
    }

    @Override
    public int cpus() {
        return beside == Beside.NOTHING ? 1 : 2;
    }

    @Override
    public List<String> variants() {
        return MlockScenario.withForeign(variants);
    }

    @Override
    public KernelConfig configure(String variant) {
        int passes =
                variant.endsWith(COWS_LAST) ? COWS_LAST.length() : variant.endsWith(ONE_PASS) ? ONE_PASS.length() : 0;
        KernelConfig config = KernelConfig.of(0).withMlock(variant.substring(0, variant.length() - passes));
        return passes == 0
                ? config
                : config.withTruncation(variant.endsWith(ONE_PASS) ? "first-pass-only" : "cows-last");
    }

    @Override
    public Expectation expected(Subject subject) {
        if (subject.variant().endsWith(ONE_PASS)) {
            return Expectation.fails(FailureKind.BEYOND_END);
        }
        return bad.contains(subject.variant()) ? Expectation.fails(FailureKind.BAD_PAGE_STATE) : Expectation.HOLDS;
    }

    @Override
    public int deviations(MemoryModel model) {
        boolean weak = model.reordersStores();
        return switch (beside) {
            case NOTHING -> -1;
            case MLOCK, RECLAIM -> weak ? 1 : 2;
            case MUNLOCK -> weak ? 0 : 2;
            // Two copies of a page are many steps.
            case WRITE -> weak ? 0 : 1;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(cpus() - 1);
        PrivatePage page =
                beside == Beside.WRITE ? PrivatePage.readAndMlocked(kernel, boot) : PrivatePage.written(kernel, boot);
        if (beside != Beside.WRITE) {
            page.split(boot);
        }
        switch (beside) {
            case WRITE -> scene.task(0, "write", page::write);
            case NOTHING -> page.mlock(boot);
            case MLOCK -> scene.task(0, "mlock", page::mlock);
            case RECLAIM -> {
                page.lockLazily(boot);
                long pinned = page.pinned(boot);
                scene.task(0, "reclaim", cpu -> {
                    kernel.pageLock().lock(cpu, pinned);
                    kernel.rmapWalk().tryToUnmap(cpu, pinned);
                    kernel.pageLock().unlock(cpu, pinned);
                    kernel.pages().putPage(cpu, pinned);
                });
            }
            case MUNLOCK -> {
                page.mlock(boot);
                scene.task(0, "munlock", page::munlock);
            }
        }
        scene.task(cpus() - 1, "truncate", page::truncate);
        return cpu -> {
            page.isCutOff(cpu);
            page.exit(cpu);
        };
    }
}
