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

/**
 * A thread writes to the last page of a mapping while another one's mprotect gives the first page to the mapping below:
 * vm_start and vm_pgoff move, one after the other. The pte lock that the fault holds stops neither, so an index that is
 * computed from both under it is that of another page, and reverse mapping does not find the new page any more.
 *
 * <p>v12 says of a race with a split only that the anon_vma stays the same (patch 17) and calls linear_page_index() in
 * __page_set_anon_rmap(): analysis, nobody has reported it.
 */
final class TornIndex implements VmaScenario {
    private final String name;
    private final TouchedPage found;

    TornIndex(String name, TouchedPage found) {
        this.name = name;
        this.found = found;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return found == TouchedPage.NONE
                ? "a write fault against mprotect that moves the start of its VMA: the page's index"
                : "the same, the fault makes a copy";
    }

    @Override
    public List<String> variants() {
        return VmaScenario.withForeign("spf", "spf-torn-index", "per-vma-lock", "per-vma-refcount");
    }

    @Override
    public String source() {
        return "patch v12 17 of 31, speculative page faults, April 2019";
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("spf-torn-index")
                ? Expectation.fails(FailureKind.ACCOUNTING)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = Fixture.threads(kernel, boot);
        Fixture.warm(kernel, scene.cpu(0), mm);
        long below = BASE + 2 * PAGE;
        Fixture.map(kernel, boot, mm, below, 3, Fixture.RW);
        // One anon_vma for both parts.
        Fixture.write(kernel, boot, mm, below, 1);
        Fixture.protect(kernel, boot, mm, below, 1, Fixture.READ);
        long last = below + 2 * PAGE;
        found.prepare(kernel, boot, mm, last);
        scene.task(0, "fault", cpu -> kernel.faults().handleWithoutMmapSem(cpu, mm, last, true));
        scene.task(1, "mprotect", cpu -> Fixture.protect(kernel, cpu, mm, below + PAGE, 1, Fixture.READ));
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }
}
