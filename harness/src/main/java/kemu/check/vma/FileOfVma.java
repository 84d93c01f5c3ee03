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
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.fault.Faults;
import kemu.mm.file.AddressSpace;
import kemu.mm.types.VmArea;
import kemu.mm.vma.SpeculativeLookup;

/**
 * A thread finds a VMA of a file, which another thread unmaps, and memory is short: the file goes. A reference on the
 * VMA keeps the VMA, not its file: remove_vma gives the file up, whoever still holds the VMA. The text of the patch
 * says that put_vma does it; then the file would last as long as the reference ({@code spf-uses-file} believes that).
 * v12 itself leaves VMAs with a file to mmap_sem.
 */
final class FileOfVma implements VmaScenario {
    private static final String USES_FILE = "spf-uses-file";
    private static final long FILE = 77;

    @Override
    public String name() {
        return "vma-file";
    }

    @Override
    public String description() {
        return "the file of a VMA that is found without mmap_sem, against munmap and prune_icache";
    }

    @Override
    public List<String> variants() {
        return List.of("spf", USES_FILE);
    }

    @Override
    public String source() {
        return "patches v12 20 and 21 of 31, speculative page faults, April 2019: remove_vma() and put_vma()";
    }

    @Override
    public KernelConfig configure(String variant) {
        return KernelConfig.of(0).withVmaLookup("spf");
    }

    @Override
    public boolean knownBad(String variant) {
        return variant.equals(USES_FILE);
    }

    @Override
    public Expectation expected(Subject subject) {
        // The free of what is still used is a store that nothing orders with the use, whichever comes first.
        return subject.variant().equals(USES_FILE)
                ? Expectation.fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        long mm = kernel.mms().mmAlloc(boot);
        kernel.mms().mmget(boot, mm);
        long file = kernel.files().open(boot, FILE);
        if (kernel.mmap().mmap(boot, mm, BASE, Fixture.PAGE, Fixture.READ, true, file, 0) != BASE) {
            throw new SceneBroken("mmap fails");
        }
        // Only the VMA keeps the file.
        kernel.files().put(boot, file);
        SpeculativeLookup lookup = (SpeculativeLookup) kernel.mms().lookup();
        if (variant.equals(USES_FILE)) {
            scene.task(0, "fault", cpu -> useFile(lookup, cpu, mm));
        } else {
            scene.task(0, "fault", cpu -> {
                if (kernel.faults().handleWithoutMmapSem(cpu, mm, BASE, false) != Faults.RETRY) {
                    throw new SceneBroken("a VMA with a file is served without mmap_sem");
                }
            });
        }
        scene.task(1, "munmap", cpu -> {
            Fixture.unmap(kernel, cpu, mm, BASE, 1);
            kernel.files().prune(cpu);
        });
        return cpu -> Fixture.exit(kernel, cpu, mm);
    }

    private static void useFile(SpeculativeLookup lookup, Cpu cpu, long mm) {
        long vma = lookup.findVmaRcu(cpu, mm, BASE);
        if (vma != Cpu.NULL) {
            long file = VmArea.VM_FILE.readOnce(cpu, vma);
            AddressSpace.NRPAGES.readOnce(cpu, file);
            lookup.put(cpu, vma);
        }
    }
}
