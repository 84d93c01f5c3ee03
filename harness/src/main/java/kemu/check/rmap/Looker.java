package kemu.check.rmap;

import kemu.check.scenario.Scene;
import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaLocking;

/** Finds a page's anon_vma as a walk does, and checks what it has found. */
final class Looker {
    private Looker() {}

    /** The task of reclaim, on CPU 0, which looks once at {@code page}, as {@link #look} does. */
    static void task(Kernel kernel, Scene scene, @Ref(Page.class) long page) {
        scene.task(0, "reclaim", cpu -> look(kernel, cpu, page));
    }

    /**
     * Checks that mapped means alive: while the lookup holds the lock, a page that is mapped has an anon_vma with VMAs.
     * Context: the caller holds a reference on the page.
     */
    static void look(Kernel kernel, Cpu cpu, @Ref(Page.class) long page) {
        AnonVmaLocking locking = kernel.anonVmas().locking();
        long anonVma = locking.pageLockAnonVma(cpu, page);
        if (anonVma == Cpu.NULL) {
            return;
        }
        boolean empty = kernel.anonVmas().index().empty(cpu, anonVma);
        // The list is read first: exit unmaps the page before it unlinks the last VMA.
        if (empty && Page.isMapped(cpu, page)) {
            throw new Violation(
                    FailureKind.RMAP_I1,
                    "BUG: page 0x" + Long.toHexString(page) + " is mapped, but its anon_vma 0x"
                            + Long.toHexString(anonVma) + " has no VMAs, on CPU#" + cpu.id());
        }
        locking.pageUnlockAnonVma(cpu, anonVma);
    }
}
