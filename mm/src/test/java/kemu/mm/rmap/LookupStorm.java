package kemu.mm.rmap;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.KernelBug;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.Sched;
import kemu.kernel.task.TaskBody;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;
import kemu.rcu.list.ListHead;

/**
 * Lookers against processes that fork, write and exit: what a locking strategy must survive. Lookers take any anonymous
 * page they find in memory, with a reference, look its anon_vma up, walk and let go; mutators make the anon_vmas they
 * find be freed and reused under other roots, on the same CPU and at once.
 */
final class LookupStorm {
    private static final int PAGES = 3;
    /** A second region, not adjacent, untouched by parents. */
    private static final int OTHER = 64;

    private final MmLab lab;
    private final int mutators;
    private final int rounds;
    private final long seed;
    private final boolean pins;
    private final AtomicInteger running = new AtomicInteger();
    private final AtomicInteger mutating = new AtomicInteger();
    private final AtomicInteger lookups = new AtomicInteger();
    private final AtomicInteger found = new AtomicInteger();
    /** A page that reclaim would take interest in now. */
    private final AtomicLong target = new AtomicLong();

    LookupStorm(MmLab lab, int mutators, int rounds, long seed, boolean pins) {
        this.pins = pins;
        this.lab = lab;
        this.mutators = mutators;
        this.rounds = rounds;
        this.seed = seed;
    }

    /** Lookups that returned an anon_vma. */
    int found() {
        return found.get();
    }

    /** Runs to the end; throws what the kernel or an oracle found. */
    void run() {
        int cpus = lab.machine.cpus();
        List<TaskBody> bodies = new ArrayList<>();
        running.set(cpus);
        mutating.set(mutators);
        for (int i = 0; i < cpus; i++) {
            SplittableRandom random = new SplittableRandom(seed * 31 + i);
            bodies.add(i < mutators ? cpu -> mutate(cpu, random) : cpu -> look(cpu, random));
        }
        lab.run(bodies);
    }

    private void mutate(Cpu cpu, SplittableRandom random) {
        long parent = lab.newMm(cpu, PAGES);
        lab.map(cpu, parent, MmLab.BASE + (long) OTHER * MmLab.PAGE, 1);
        for (int i = 0; i < PAGES; i++) {
            lab.write(cpu, parent, i, i);
        }
        for (int round = 0; round < rounds; round++) {
            switch (random.nextInt(6)) {
                case 0, 1, 2 -> unmapAndReuse(cpu, lab.kernel.mms().dupMm(cpu, parent), random);
                case 3 -> exitAfterWriting(cpu, lab.kernel.mms().dupMm(cpu, parent), random);
                case 4 -> exitAfterWriting(cpu, lab.newMm(cpu, PAGES), random);
                default -> {
                    long child = lab.kernel.mms().dupMm(cpu, parent);
                    lab.write(cpu, child, 0, 10);
                    long grandchild = lab.kernel.mms().dupMm(cpu, child);
                    lab.kernel.mms().mmput(cpu, child);
                    exitAfterWriting(cpu, grandchild, random);
                }
            }
            for (int i = 0; i < PAGES; i++) {
                lab.expect(cpu, parent, i, i);
            }
        }
        mutating.decrementAndGet();
        lab.kernel.mms().mmput(cpu, parent);
        if (running.decrementAndGet() == 0) {
            audit(cpu);
        }
    }

    /** A child's own anon_vma is freed by munmap and is a root a moment later. */
    private void unmapAndReuse(Cpu cpu, long child, SplittableRandom random) {
        lab.write(cpu, child, 0, 30);
        publish(cpu, child, 0);
        lab.kernel.mmap().munmap(cpu, child, MmLab.BASE, (long) PAGES * MmLab.PAGE);
        lab.write(cpu, child, OTHER, 31);
        if (random.nextBoolean()) {
            publish(cpu, child, OTHER);
        }
        lab.kernel.mms().mmput(cpu, child);
    }

    private void publish(Cpu cpu, long mm, int page) {
        target.set(lab.kernel.pages().pageOf(Pte.frame(lab.pte(cpu, mm, page))));
    }

    private void exitAfterWriting(Cpu cpu, long mm, SplittableRandom random) {
        int first = random.nextInt(PAGES);
        lab.write(cpu, mm, first, 20);
        publish(cpu, mm, first);
        if (random.nextBoolean()) {
            lab.write(cpu, mm, random.nextInt(PAGES), 21);
        }
        lab.kernel.mms().mmput(cpu, mm);
    }

    private void look(Cpu cpu, SplittableRandom random) {
        long total = lab.kernel.pages().totalPages();
        long firstPfn = lab.machine.memory().sizeBytes() / MmLab.PAGE - total;
        long at = 0;
        // Ends when the mutators are done.
        while (mutating.get() > 0) {
            long page = target.get();
            if (page == 0 || random.nextInt(16) == 0) {
                at = (at + 1) % total;
                page = lab.kernel.pages().pageOfPfn(firstPfn + at);
            }
            if (!Page.isMapped(cpu, page) || !Page.getUnlessZero(cpu, page)) {
                continue;
            }
            switch (random.nextInt(4)) {
                case 0 -> lab.kernel.rmapWalk().pageReferenced(cpu, page, false);
                case 1 -> {
                    int steps = random.nextInt(60);
                    if (pins) {
                        pin(cpu, page, steps);
                    } else {
                        lookAt(cpu, page);
                    }
                }
                default -> lookAt(cpu, page);
            }
            lookups.incrementAndGet();
            lab.kernel.pages().putPage(cpu, page);
            Sched.of(lab.machine).condResched(cpu);
        }
        if (running.decrementAndGet() == 0) {
            audit(cpu);
        }
    }

    private void lookAt(Cpu cpu, long page) {
        AnonVmaLocking locking = lab.kernel.anonVmas().locking();
        long anonVma = locking.pageLockAnonVma(cpu, page);
        if (anonVma == Cpu.NULL) {
            return;
        }
        found.incrementAndGet();
        long head = AnonVma.HEAD.of(anonVma);
        for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            checkPte(cpu, page, anonVma, AnonVmaChain.VMA.get(cpu, AnonVmaChain.SAME_ANON_VMA.containerOf(at)));
        }
        locking.pageUnlockAnonVma(cpu, anonVma);
    }

    /** What migration does: takes a reference under the lock, and the lock again later, when all VMAs may be gone. */
    private void pin(Cpu cpu, long page, int steps) {
        AnonVmas anonVmas = lab.kernel.anonVmas();
        long anonVma = anonVmas.locking().pageLockAnonVma(cpu, page);
        if (anonVma == Cpu.NULL) {
            return;
        }
        anonVmas.refs().get(cpu, anonVma);
        anonVmas.locking().pageUnlockAnonVma(cpu, anonVma);
        long root = AnonVma.ROOT.readOnce(cpu, anonVma);
        anonVmas.locking().lock(cpu, anonVma);
        for (int i = 0; i < steps; i++) {
            if (AnonVma.ROOT.readOnce(cpu, anonVma) != root || !anonVmas.cache().isAllocated(cpu, anonVma)) {
                throw new KernelBug("pinned anon_vma 0x" + Long.toHexString(anonVma) + " was freed or reused");
            }
        }
        anonVmas.locking().unlock(cpu, anonVma);
        anonVmas.refs().put(cpu, anonVma);
    }

    /** Never a foreign pte: one found on the walk belongs to a page that says so. */
    private void checkPte(Cpu cpu, long page, long anonVma, long vma) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        if (address == Errno.EFAULT) {
            return;
        }
        long mm = VmArea.VM_MM.get(cpu, vma);
        long pte = lab.kernel.pageVma().pageCheckAddress(cpu, page, mm, address);
        if (pte != Cpu.NULL) {
            long root = AnonVma.ROOT.readOnce(cpu, Page.MAPPING.readOnce(cpu, page) - Page.MAPPING_ANON);
            if (root != AnonVma.ROOT.readOnce(cpu, anonVma) || MmStruct.MM_COUNT.readOnce(cpu, mm) <= 0) {
                throw new KernelBug("foreign pte found for page 0x" + Long.toHexString(page));
            }
            SpinLock.unlock(cpu, lab.kernel.pageTable().lockOf(cpu, pte));
        }
    }

    private void audit(Cpu cpu) {
        String wrong = new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu);
        if (!wrong.isEmpty()) {
            throw new KernelBug("after the storm: " + wrong);
        }
        // Every slot is free now; a lock left locked waits there for its next owner.
        checkFreeSlots(cpu);
    }

    private void checkFreeSlots(Cpu cpu) {
        long[] taken = new long[64];
        for (int i = 0; i < taken.length; i++) {
            taken[i] = lab.kernel.anonVmas().cache().alloc(cpu, 0);
            if (taken[i] != Cpu.NULL && lab.kernel.anonVmas().locking().isLocked(cpu, taken[i])) {
                throw new KernelBug(
                        "after the storm: lock left locked in free anon_vma 0x" + Long.toHexString(taken[i]));
            }
        }
        for (long anonVma : taken) {
            if (anonVma != Cpu.NULL) {
                lab.kernel.anonVmas().cache().free(cpu, anonVma);
            }
        }
    }
}
