package kemu.check.tlb;

import static kemu.check.vma.Fixture.BASE;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Bug;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.pgtable.tlb.TlbModes;

/**
 * A thread forks. Another writes to a page that the fork has just write-protected, faults, and gets a copy. A third
 * still writes to the old page, through its TLB: the parent loses that write, if it comes between the copy and the
 * copy's flush, and the child has it. mmap_sem, which fork holds until it has flushed, keeps faults out; so does a lock
 * on the VMA, and so does a VMA that a speculative fault finds changing.
 *
 * <p>The card of this bug expects PASS of a TLB that is never stale. Without TLBs an access of kemu is still two steps,
 * a walk and a load or store, between which others move: an entry that lives for one access is enough for the bug.
 *
 * <p>Source: Linux 6.4 kernel/fork.c, dup_mmap(); fixed by fb49c455323f (6.4.3). Before that, of speculative faults:
 * [PATCH v12 18/31] mm: protect against PTE changes done by dup_mmap().
 */
final class ForkFault implements OwnVariants {
    private static final String FORK = "per-vma-lock-6.4.2";
    private static final String SPF_FORK = "spf-fork";
    private static final String EACH_PTE = "each-pte";
    private static final String NO_TLB = "no-tlb";
    private static final long THIRD = BASE;
    private static final long FAULTING = BASE + 8;

    @Override
    public String name() {
        return "tlb-fork-fault";
    }

    @Override
    public String description() {
        return "fork, a write fault under its VMA's lock, and a write through a TLB that is not flushed yet (6.4.0)";
    }

    @Override
    public String source() {
        return "Linux 6.4 kernel/fork.c, dup_mmap(); fixed by fb49c455323f (6.4.3)";
    }

    @Override
    public List<Bug> bugs() {
        return List.of(
                new Bug(
                        "fork copies pages while a thread faults under its VMA's lock, and another has them in its TLB",
                        "6.4.0 to 6.4.2",
                        "0bff0aaea03e",
                        "fb49c455323f (6.5-rc2, 6.4.3)",
                        FORK),
                new Bug(
                        "the same, the fault is speculative and finds a VMA that fork has not marked as changing",
                        "in no release: reported of the patches of speculative page faults",
                        "",
                        "patch v12 18 of 31, April 2019: dup_mmap marks it until it has flushed the TLBs",
                        SPF_FORK));
    }

    @Override
    public int cpus() {
        return 3;
    }

    @Override
    public List<String> variants() {
        return Fixture.withForeign("per-vma-lock", FORK, "mmap-sem", EACH_PTE, NO_TLB, "spf", SPF_FORK);
    }

    @Override
    public KernelConfig configure(String variant) {
        KernelConfig fork = KernelConfig.of(0).withVmaLookup(FORK);
        return switch (variant) {
            case EACH_PTE -> fork.withTlb(TlbModes.FORK_EACH_PTE);
            case NO_TLB -> fork;
            default -> fork.withVmaLookup(variant).withTlb(TlbModes.EXPLORED);
        };
    }

    @Override
    public String vmaLookup(String variant) {
        return configure(variant).vmaLookup();
    }

    @Override
    public Expectation expected(Subject subject) {
        return switch (subject.variant()) {
            // The write is a store that nothing orders with the copy of the page, whichever comes first.
            case FORK, SPF_FORK, NO_TLB -> Expectation.fails(FailureKind.USER_MEMORY, FailureKind.DATA_RACE);
            default -> Expectation.HOLDS;
        };
    }

    @Override
    public Expectation whenKeptBack(Subject subject, Expectation usual) {
        return usual;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu forking = scene.cpu(0);
        Cpu third = scene.cpu(2);
        long mm = kernel.mms().mmAlloc(forking);
        kernel.mms().mmget(forking, mm);
        Fixture.map(kernel, forking, mm, BASE, 1, Fixture.RW);
        Fixture.warm(kernel, scene.cpu(1), mm);
        Fixture.warm(kernel, third, mm);
        // The third thread's TLB has the page, writable and dirty.
        Fixture.write(kernel, third, mm, THIRD, 1);
        long children = scene.word(forking);
        long written = scene.word(third);
        scene.task(0, "fork", cpu -> {
            long child = scene.fork(cpu, mm);
            cpu.write64(children, child);
            cpu.write64(children + 8, Fixture.value(kernel, cpu, child, THIRD));
            cpu.write64(children + 16, Fixture.value(kernel, cpu, child, FAULTING));
        });
        if (variant.startsWith("spf")) {
            // mmap_sem is not part of it, and too much for an exhaustive search.
            scene.task(1, "fault", cpu -> kernel.faults().handleWithoutMmapSem(cpu, mm, FAULTING, true));
        } else {
            scene.task(1, "fault", cpu -> kernel.faults().handleNowait(cpu, mm, FAULTING, true));
        }
        scene.task(2, "write", cpu -> {
            boolean stored = kernel.userAccess().storeInatomic(cpu, mm, THIRD, 3);
            cpu.write64(written, stored ? 3 : 1);
        });
        return cpu -> {
            long child = cpu.read64(children);
            Fixture.expect(kernel, cpu, mm, THIRD, cpu.read64(written), "the parent");
            Fixture.expect(kernel, cpu, child, THIRD, cpu.read64(children + 8), "the child");
            Fixture.expect(kernel, cpu, child, FAULTING, cpu.read64(children + 16), "the child");
            scene.exit(cpu, child);
            Fixture.exit(kernel, cpu, mm);
        };
    }
}
