package kemu.check.vma;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.Scene;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.slab.KmemCache;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.SpeculativeLookup;
import kemu.mm.vma.VmaReadLock;

/**
 * A system call that changes VMAs while one allocation that it needs fails, whichever the explorer takes. It must
 * either be done or leave everything mapped as it was, with nothing leaked; and lookups must find what the list of VMAs
 * holds, where the list has it.
 */
final class OutOfMemory implements VmaScenario {
    private static final int PAGES = 3;

    /** What is done, between VMAs that {@link Kind} lays out. */
    enum Kind {
        /** The middle of one VMA is unmapped: it is split twice. */
        SPLIT("vma-split-enomem", "munmap", "munmap of the middle of a VMA, and an allocation that fails"),
        /** The middle one of three VMAs becomes like the others, of which only the last has pages: all are merged. */
        MERGE("vma-merge-enomem", "mprotect", "mprotect that makes one VMA of three, and an allocation that fails"),
        /** fork: the copy has two VMAs, of which one has pages. */
        FORK("vma-fork-enomem", "fork", "fork of two VMAs, and an allocation that fails");

        private final String scenario;
        private final String task;
        private final String description;

        Kind(String scenario, String task, String description) {
            this.scenario = scenario;
            this.task = task;
            this.description = description;
        }
    }

    private final Kind kind;

    OutOfMemory(Kind kind) {
        this.kind = kind;
    }

    @Override
    public String name() {
        return kind.scenario;
    }

    @Override
    public String description() {
        return kind.description;
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/mmap.c, split_vma(), vma_adjust(); kernel/fork.c, dup_mmap(); mm/failslab.c";
    }

    @Override
    public List<String> variants() {
        List<String> lookups = new ArrayList<>(List.of("mmap-sem", "spf", "per-vma-lock", "per-vma-refcount"));
        if (kind == Kind.MERGE) {
            lookups.add("per-vma-lock-no-forget");
        }
        return lookups;
    }

    @Override
    public Expectation expected(Subject subject) {
        return subject.variant().equals("per-vma-lock-no-forget")
                ? Expectation.fails(FailureKind.LEAK)
                : Expectation.HOLDS;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(0);
        KmemCache[] caches = caches(scene, variant);
        long before = inUse(kernel, boot, caches);
        long mm = Fixture.threads(kernel, boot);
        long at = BASE + 2 * PAGE;
        lay(kernel, boot, mm, at);
        long done = scene.word(boot);
        scene.mayFail(1, 1, caches);
        scene.task(0, kind.task, cpu -> call(kernel, cpu, mm, at, done));
        return cpu -> {
            long result = cpu.read64(done);
            boolean unmapped = kind == Kind.SPLIT && result == 1;
            for (int page = 0; page < PAGES; page++) {
                expect(kernel, cpu, mm, at + (long) page * PAGE, !(unmapped && page == 1));
            }
            String wrong = kernel.mms().auditMm(cpu, mm);
            if (wrong != null) {
                throw new Violation(FailureKind.CORRUPTION, "BUG: " + wrong);
            }
            Fixture.exit(kernel, cpu, mm);
            long leaked = inUse(kernel, cpu, caches) - before;
            if (leaked > 0) {
                throw new Violation(FailureKind.LEAK, "BUG: " + leaked + " objects are left of an mm that is gone");
            }
        };
    }

    /** Objects in use that no callback of RCU will free. */
    private static long inUse(Kernel kernel, Cpu cpu, KmemCache... caches) {
        long waiting = kernel.rcu().callbacksQueued(cpu) - kernel.rcu().callbacksInvoked(cpu);
        return Arrays.stream(caches)
                        .mapToLong(cache -> cache.activeObjects(cpu))
                        .sum()
                - waiting;
    }

    private static KmemCache[] caches(Scene scene, String variant) {
        List<KmemCache> caches = new ArrayList<>(List.of(
                scene.cache("mm_struct"),
                scene.cache("vm_area_struct"),
                scene.cache("anon_vma"),
                scene.cache("anon_vma_chain")));
        if (variant.startsWith("per-vma")) {
            caches.add(scene.cache("vma_range_node"));
        }
        return caches.toArray(KmemCache[]::new);
    }

    private void lay(Kernel kernel, Cpu cpu, long mm, long at) {
        if (kind != Kind.MERGE) {
            Fixture.map(kernel, cpu, mm, at, PAGES, Fixture.RW);
            Fixture.write(kernel, cpu, mm, at, 1);
            return;
        }
        for (int page = 0; page < PAGES; page++) {
            long rights = page == 1 ? Fixture.READ : Fixture.RW;
            Fixture.map(kernel, cpu, mm, at + (long) page * PAGE, 1, rights);
        }
        Fixture.write(kernel, cpu, mm, at + 2 * PAGE, 1);
    }

    private void call(Kernel kernel, Cpu cpu, long mm, long at, long done) {
        if (kind == Kind.FORK) {
            long child = kernel.mms().dupMm(cpu, mm);
            if (child != Cpu.NULL) {
                kernel.mms().mmput(cpu, child);
            }
            return;
        }
        int error = kind == Kind.SPLIT
                ? kernel.mmap().munmap(cpu, mm, at + PAGE, PAGE)
                : kernel.mmap().mprotect(cpu, mm, at + PAGE, PAGE, Fixture.RW);
        if (error != 0 && error != Errno.ENOMEM) {
            throw new Violation(FailureKind.CORRUPTION, "BUG: the call fails with " + error);
        }
        cpu.write64(done, error == 0 ? 1 : 0);
    }

    /** List, tree and lookup must say the same of {@code address}. */
    private static void expect(Kernel kernel, Cpu cpu, long mm, long address, boolean mapped) {
        long listed = MmStruct.MMAP.get(cpu, mm);
        // Ends: the list of VMAs is finite.
        while (listed != Cpu.NULL && VmArea.VM_END.get(cpu, listed) <= address) {
            listed = VmArea.VM_NEXT.get(cpu, listed);
        }
        boolean covers = listed != Cpu.NULL && VmArea.VM_START.get(cpu, listed) <= address;
        long found = lookUp(kernel, cpu, mm, address, listed);
        if (covers != mapped || found != (covers ? listed : Cpu.NULL)) {
            throw new Violation(
                    FailureKind.WRONG_OBJECT,
                    "BUG: 0x" + Long.toHexString(address) + (mapped ? " is" : " is not")
                            + " mapped, the list has vma 0x" + Long.toHexString(covers ? listed : 0) + ", the lookup 0x"
                            + Long.toHexString(found));
        }
    }

    /** What lookups without mmap_sem find; {@code listed} where they need not look. */
    private static long lookUp(Kernel kernel, Cpu cpu, long mm, long address, long listed) {
        boolean covers = listed != Cpu.NULL && VmArea.VM_START.get(cpu, listed) <= address;
        long expected = covers ? listed : Cpu.NULL;
        if (kernel.mms().lookup() instanceof VmaReadLock locks) {
            if (locks.findsAnonVma() && covers && VmArea.ANON_VMA.get(cpu, listed) == Cpu.NULL) {
                return expected;
            }
            long found = locks.startRead(cpu, mm, address);
            if (found != Cpu.NULL) {
                locks.endRead(cpu, found);
            }
            return found;
        }
        if (kernel.mms().lookup() instanceof SpeculativeLookup speculative) {
            long found = speculative.findVmaRcu(cpu, mm, address);
            if (found != Cpu.NULL) {
                speculative.put(cpu, found);
            }
            return found == listed ? expected : found;
        }
        return expected;
    }
}
