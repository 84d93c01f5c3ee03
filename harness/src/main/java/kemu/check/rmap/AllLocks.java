package kemu.check.rmap;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.hw.cache.MemoryModel;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.PhysMem;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.mm.vma.MmAllLocks;

/**
 * Two tasks register for what happens to the mappings of a parent and of its child, which share two trees of anon_vmas
 * and a file: each takes all locks of one address space. The child has moved one of its VMAs, so that the two meet the
 * roots in opposite orders. A walk by reverse mapping, which looks up twice what has registered, must see it change
 * never.
 *
 * <p>Without the mutex the marks of one are taken for the other's own: it goes on without the lock, and unlocks what it
 * has not locked. Without marks as well, which nobody needs here where each anon_vma has a lock of its own, the two
 * wait for each other.
 */
final class AllLocks implements OwnVariants {
    private static final long BASE = 0x7000_0000_0000L;
    private static final int PAGE = PhysMem.PAGE_SIZE;
    private static final long SECOND = BASE + 2 * PAGE;
    private static final long ABOVE = BASE + 4 * PAGE;
    private static final long FILE = BASE + 6 * PAGE;
    private static final long FILE_KEY = 42;
    private static final long RW = VmArea.VM_READ | VmArea.VM_WRITE;
    private static final String NO_MUTEX = "-no-mutex";
    private static final String NO_MARKS = "-no-mutex-no-marks";

    private final List<String> variants;

    /** Those that an exhaustive search covers. */
    AllLocks() {
        this(List.of(
                "root-recheck", "local-lock", "own-lock-first", "root-recheck" + NO_MUTEX, "local-lock" + NO_MARKS));
    }

    /** With other ones. */
    AllLocks(List<String> variants) {
        this.variants = variants;
    }

    /** Anybody may take all locks. */
    private static class NoMutex extends MmAllLocks {
        NoMutex(Kernel kernel, Cpu boot) {
            super(boot, kernel.pages(), kernel.anonVmas().locking());
        }

        @Override
        protected void enter(Cpu cpu, long only) {
            // Left out.
        }

        @Override
        protected void leave(Cpu cpu, long only) {
            // Was not entered.
        }
    }

    /** The same where each lock is met once. */
    private static final class NoMarks extends NoMutex {
        NoMarks(Kernel kernel, Cpu boot) {
            super(kernel, boot);
        }

        @Override
        protected boolean isMarked(Cpu cpu, long owner, boolean take) {
            return !take;
        }

        @Override
        protected void mark(Cpu cpu, long owner, boolean value) {
            // Left out.
        }
    }

    @Override
    public String name() {
        return "rmap-all-locks";
    }

    @Override
    public String description() {
        return "two tasks take all locks of address spaces that share anon_vmas, against a walk (mm_take_all_locks)";
    }

    @Override
    public String source() {
        return "Linux 2.6.36 mm/mmap.c mm_take_all_locks(), mm/mmu_notifier.c do_mmu_notifier_register()";
    }

    @Override
    public int cpus() {
        return 3;
    }

    @Override
    public boolean preemptible() {
        return false;
    }

    @Override
    public List<String> variants() {
        return variants;
    }

    @Override
    public boolean knownBad(String variant) {
        return variant.contains(NO_MUTEX);
    }

    @Override
    public KernelConfig configure(String variant) {
        return new KernelConfig(variant.replace(NO_MARKS, "").replace(NO_MUTEX, ""), 0);
    }

    @Override
    public Expectation expected(Subject subject) {
        if (subject.variant().endsWith(NO_MARKS)) {
            return Expectation.fails(FailureKind.HANG);
        }
        // Who unlocks what another one has locked is seen at once, if nobody waits for a lock for ever before.
        return subject.variant().endsWith(NO_MUTEX)
                ? Expectation.fails(FailureKind.BAD_UNLOCK, FailureKind.HANG)
                        .withSigns(FailureKind.DATA_RACE, FailureKind.EXCLUSION)
                : Expectation.HOLDS;
    }

    /** There are very many ways for stores to be late. */
    @Override
    public int deviations(MemoryModel model) {
        return model.buffers() ? 1 : -1;
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(2);
        MmAllLocks locks = variant.endsWith(NO_MARKS)
                ? new NoMarks(kernel, boot)
                : variant.endsWith(NO_MUTEX)
                        ? new NoMutex(kernel, boot)
                        : new MmAllLocks(boot, kernel.pages(), kernel.anonVmas().locking());
        long parent = kernel.mms().mmAlloc(boot);
        map(kernel, boot, parent, BASE);
        map(kernel, boot, parent, SECOND);
        long file = kernel.files().open(boot, FILE_KEY);
        if (kernel.mmap().mmap(boot, parent, FILE, PAGE, VmArea.VM_READ, true, file, 0) != FILE) {
            throw new SceneBroken("the file cannot be mapped");
        }
        long child = scene.fork(boot, parent);
        if (Errno.isError(kernel.mmap().mremap(boot, child, BASE, PAGE, PAGE, true, ABOVE))) {
            throw new SceneBroken("mremap fails");
        }
        long page = kernel.pages()
                .pageOf(Pte.frame(boot.readOnce64(kernel.pageTable().find(boot, parent, BASE))));
        Page.get(boot, page);
        long registered = scene.word(boot);
        scene.task(0, "register", cpu -> register(kernel, cpu, locks, parent, registered));
        scene.task(1, "register", cpu -> register(kernel, cpu, locks, child, registered));
        scene.task(2, "walk", cpu -> walk(kernel, cpu, page, registered));
        return cpu -> {
            if (cpu.read64(registered) != 2) {
                throw new Violation(
                        FailureKind.EXCLUSION,
                        "BUG: two have registered, and " + cpu.read64(registered) + " are registered");
            }
            kernel.pages().putPage(cpu, page);
            scene.exit(cpu, child);
            scene.exit(cpu, parent);
            kernel.files().put(cpu, file);
        };
    }

    private static void map(Kernel kernel, Cpu cpu, long mm, long at) {
        if (kernel.mmap().mmap(cpu, mm, at, PAGE, RW, true, Cpu.NULL, 0) != at
                || kernel.userAccess().store64(cpu, mm, at, 1) != 0) {
            throw new SceneBroken("the scene cannot be mapped");
        }
    }

    /** do_mmu_notifier_register: one more is told of what happens to the mappings of {@code mm}. */
    private static void register(Kernel kernel, Cpu cpu, MmAllLocks locks, long mm, long registered) {
        kernel.mms().mmapLock().writeLock(cpu, mm);
        locks.take(cpu, mm);
        cpu.write64(registered, cpu.read64(registered) + 1);
        locks.drop(cpu, mm);
        kernel.mms().mmapLock().writeUnlock(cpu, mm);
    }

    /** What tells those who have registered, before and after it changes a pte. */
    private static void walk(Kernel kernel, Cpu cpu, long page, long registered) {
        long anonVma = kernel.anonVmas().locking().pageLockAnonVma(cpu, page);
        if (anonVma == Cpu.NULL) {
            throw new SceneBroken("the page has no anon_vma");
        }
        long before = cpu.read64(registered);
        // The walk's own look at the count, so that others may come between.
        AnonVma.REFCOUNT.readOnce(cpu, anonVma);
        long after = cpu.read64(registered);
        kernel.anonVmas().locking().pageUnlockAnonVma(cpu, anonVma);
        if (before != after) {
            throw new Violation(FailureKind.EXCLUSION, "BUG: somebody registers in the middle of a walk");
        }
    }
}
