package kemu.check.walk;

import static kemu.check.vma.Fixture.BASE;
import static kemu.check.vma.Fixture.PAGE;
import static kemu.check.vma.Fixture.RW;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kemu.check.scenario.Expectation;
import kemu.check.scenario.OwnVariants;
import kemu.check.scenario.Scene;
import kemu.check.scenario.SceneBroken;
import kemu.check.scenario.Subject;
import kemu.check.scenario.Violation;
import kemu.check.vma.Fixture;
import kemu.hw.cpu.Cpu;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.uapi.Errno;

/**
 * UFFDIO_MOVE takes a page from one tree of anon_vmas to another. To a lookup without page lock, such as that of
 * shrink_active_list, "mapped" then says no more that the anon_vma it has read is alive: it holds the lock of a root
 * that is the page's no more.
 *
 * <p>With {@code -reused} the old mapping is unmapped and its anon_vma becomes another process's: the hang of
 * 2.6.36-rc2 comes back, with each lookup that was right against it.
 */
final class MovedRoot implements OwnVariants {
    private static final String REVALIDATE = "root-rwsem-revalidate";
    private static final String REUSED = "-reused";
    private static final List<String> LOOKUPS = List.of(REVALIDATE, "root-rwsem", "refcount", "root-recheck");
    private static final int DEVIATIONS = 2;
    private static final long TARGET = BASE + 2 * PAGE;

    @Override
    public String name() {
        return "rmap-uffd-move";
    }

    @Override
    public String description() {
        return "page_lock_anon_vma of a page that UFFDIO_MOVE takes to the tree of another root";
    }

    @Override
    public String source() {
        return "Linux 6.8 mm/rmap.c, folio_lock_anon_vma_read(), which 880a99b60d46 made look again";
    }

    @Override
    public List<String> variants() {
        return LOOKUPS.stream().flatMap(one -> Stream.of(one, one + REUSED)).toList();
    }

    @Override
    public String lookup(String variant) {
        return variant.endsWith(REUSED) ? variant.substring(0, variant.length() - REUSED.length()) : variant;
    }

    /** What is wrong is that lookups of other versions meet a mover. */
    @Override
    public boolean knownBad(String variant) {
        return !lookup(variant).equals(REVALIDATE);
    }

    /** A lookup that may sleep pins and starts over. */
    @Override
    public int deviations(Subject subject) {
        boolean sleeps = !subject.variant().startsWith("root-recheck");
        return sleeps && subject.variant().endsWith(REUSED) ? DEVIATIONS : -1;
    }

    @Override
    public KernelConfig configure(String variant) {
        return new KernelConfig(lookup(variant), 0);
    }

    @Override
    public Expectation expected(Subject subject) {
        if (!knownBad(subject.variant())) {
            return Expectation.HOLDS;
        }
        if (!subject.variant().endsWith(REUSED)) {
            return Expectation.fails(FailureKind.WRONG_OBJECT);
        }
        return switch (lookup(subject.variant())) {
            case "root-recheck" -> Expectation.wrongUnlock(subject);
            // A pin that comes between the count and the root of the next life: the list is walked under the old root.
            case "refcount" -> Expectation.fails(FailureKind.DATA_RACE, FailureKind.HANG, FailureKind.BAD_UNLOCK);
            default -> Expectation.fails(FailureKind.HANG, FailureKind.BAD_UNLOCK);
        };
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        Scene scene = new Scene(kernel);
        Cpu boot = scene.cpu(1);
        boolean reused = variant.endsWith(REUSED);
        long parent = kernel.mms().mmAlloc(boot);
        Fixture.map(kernel, boot, parent, BASE, 1, RW);
        Fixture.write(kernel, boot, parent, BASE, 1);
        // The page's anon_vma is a child's: its next life has another root.
        long mm = scene.fork(boot, parent);
        Fixture.map(kernel, boot, mm, TARGET, 2, RW);
        Fixture.write(kernel, boot, mm, TARGET + PAGE, 1);
        Fixture.write(kernel, boot, mm, BASE, 1);
        long other = reused ? scene.newReader(boot) : Cpu.NULL;
        long page = kernel.pages()
                .pageOf(Pte.frame(boot.readOnce64(kernel.pageTable().find(boot, mm, BASE))));
        Page.get(boot, page);
        scene.task(0, "reclaim", cpu -> {
            if (reused) {
                scene.pageReferenced(cpu, page);
            } else {
                look(kernel, cpu, page);
            }
        });
        scene.task(1, "move", cpu -> {
            int error = Errno.EAGAIN;
            // Once more if the looker has cleared the accessed bit meanwhile.
            for (int i = 0; i < 2 && error == Errno.EAGAIN; i++) {
                error = kernel.movePages().move(cpu, mm, BASE, TARGET);
            }
            if (error != 0) {
                throw new SceneBroken("the page is not moved: " + error);
            }
            if (reused) {
                Fixture.unmap(kernel, cpu, mm, BASE, 1);
                scene.write(cpu, other);
            }
        });
        return cpu -> {
            kernel.pages().putPage(cpu, page);
            if (reused) {
                scene.exit(cpu, other);
            }
            scene.exit(cpu, mm);
            scene.exit(cpu, parent);
        };
    }

    /** While the lookup holds a root's lock, the page points to what it has found: a mover needs the same lock. */
    private static void look(Kernel kernel, Cpu cpu, long page) {
        AnonVmaLocking locking = kernel.anonVmas().locking();
        long anonVma = locking.pageLockAnonVma(cpu, page);
        if (anonVma == Cpu.NULL) {
            return;
        }
        long mapping = Page.MAPPING.readOnce(cpu, page);
        if (mapping != (anonVma | Page.MAPPING_ANON)) {
            throw new Violation(
                    FailureKind.WRONG_OBJECT,
                    "BUG: page_lock_anon_vma returns 0x" + Long.toHexString(anonVma) + ", but the mapping of page 0x"
                            + Long.toHexString(page) + " is 0x" + Long.toHexString(mapping) + ", on CPU#" + cpu.id());
        }
        locking.pageUnlockAnonVma(cpu, anonVma);
    }
}
