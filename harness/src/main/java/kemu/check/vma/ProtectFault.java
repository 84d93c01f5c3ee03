package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;

/**
 * A thread writes to a page that it may read, or that is swapped out, while another one's mprotect takes the right to
 * write away. mprotect leaves the pte as it is, which is read-only already, or no pte of a page: so that it has not
 * changed when a copy or the page of the swap cache is to be mapped, or its own page to be made writable, says nothing.
 * Only the VMA does, once the pte is locked; a fault that looked before may map a page writable where nothing may be
 * written. A page of its own it must have waited for, since another has locked it.
 */
final class ProtectFault implements VmaScenario {
    private final String name;
    private final String description;
    private final TouchedPage found;
    private final List<String> variants;

    ProtectFault(String name, String description, TouchedPage found, List<String> variants) {
        this.name = name;
        this.description = description;
        this.found = found;
        this.variants = variants;
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
    public int cpus() {
        return found == TouchedPage.OWN ? 3 : 2;
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign(variants.toArray(new String[0]));
    }

    @Override
    public String source() {
        return "patches v12 5, 6, 22 and 23 of 31, speculative page faults, April 2019";
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(found == TouchedPage.SWAP_CACHE ? TouchedPage.SWAP_PAGES : 0)
                .withVmaLookup(variant);
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            case "spf-copy", "spf-reuse", "spf-swap", "spf-zap" -> Expectation.fails(FailureKind.ACCOUNTING);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        Fixture.warm(kernel, scene.cpu(0), mm);
        long at = BASE + 2 * PAGE;
        Fixture.map(kernel, boot, mm, at, 2, Fixture.RW);
        // An anon_vma for the VMA.
        Fixture.write(kernel, boot, mm, at + PAGE, 1);
        found.prepare(kernel, boot, mm, at);
        scene.task(0, "fault", cpu -> kernel.faults().handleWithoutMmapSem(cpu, mm, at, true));
        scene.task(1, "mprotect", cpu -> Fixture.protect(kernel, cpu, mm, at, 2, Fixture.READ));
        if (found == TouchedPage.OWN) {
            long page = TouchedPage.page(kernel, boot, mm, at);
            scene.task(2, "reclaim", cpu -> {
                kernel.pageLock().lock(cpu, page);
                kernel.pageLock().unlock(cpu, page);
            });
        }
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
