package kemu.check.walk;

import kemu.check.scenario.Violation;
import kemu.hw.cpu.Cpu;
import kemu.hw.layout.Ref;
import kemu.hw.mem.FailureKind;
import kemu.kernel.locking.SpinLock;
import kemu.mm.Kernel;
import kemu.mm.page.Page;
import kemu.mm.rmap.AnonVmaChain;
import kemu.mm.rmap.AnonVmaIndex;
import kemu.mm.rmap.AnonVmaLocking;
import kemu.mm.rmap.PageVma;
import kemu.mm.types.VmArea;
import kemu.mm.uapi.Errno;

/**
 * A walk that counts the ptes it finds. Migration must find them all: an entry that it leaves behind is one of a page
 * that nobody is migrating any more. Reclaim may miss one: the page stays mapped.
 */
final class MustFind {
    /** How a pte is looked at. */
    enum Look {
        /** With its lock held: page_check_address, sync. */
        LOCKED,
        /** First without: page_check_address, not sync, and remove_migration_pte until 3.0. */
        PEEK
    }

    private MustFind() {}

    /** The walk of migration: fails unless it finds as many ptes as map the page, with the page locked meanwhile. */
    static void migrates(Kernel kernel, Cpu cpu, @Ref(Page.class) long page, Look look) {
        kernel.pageLock().lock(cpu, page);
        unlocked(kernel, cpu, page, look);
        kernel.pageLock().unlock(cpu, page);
    }

    /** The same without the page lock. */
    static void unlocked(Kernel kernel, Cpu cpu, @Ref(Page.class) long page, Look look) {
        int found = count(kernel, cpu, page, look);
        int mapped = Page.MAPCOUNT.readOnce(cpu, page) + 1;
        // More are found of a pte that moves from a VMA which the walk has passed into one that it comes to.
        if (found < mapped) {
            throw new Violation(
                    FailureKind.RMAP_MISSED,
                    "BUG: a walk finds " + found + " of the " + mapped + " ptes that map page 0x"
                            + Long.toHexString(page) + ", on CPU#" + cpu.id());
        }
    }

    /** The walk of reclaim: what it does not find stays mapped. */
    static void reclaims(Kernel kernel, Cpu cpu, @Ref(Page.class) long page) {
        kernel.pageLock().lock(cpu, page);
        count(kernel, cpu, page, Look.PEEK);
        kernel.pageLock().unlock(cpu, page);
    }

    private static int count(Kernel kernel, Cpu cpu, long page, Look look) {
        AnonVmaLocking locking = kernel.anonVmas().locking();
        long anonVma = locking.pageLockAnonVma(cpu, page);
        if (anonVma == Cpu.NULL) {
            return 0;
        }
        int found = 0;
        AnonVmaIndex index = kernel.anonVmas().index();
        long at = index.first(cpu, anonVma, page);
        for (; at != Cpu.NULL; at = index.next(cpu, anonVma, at, page)) {
            found += maps(kernel, cpu, page, AnonVmaChain.VMA.get(cpu, at), look) ? 1 : 0;
        }
        locking.pageUnlockAnonVma(cpu, anonVma);
        return found;
    }

    private static boolean maps(Kernel kernel, Cpu cpu, long page, long vma, Look look) {
        long address = PageVma.vmaAddress(cpu, page, vma);
        if (address == Errno.EFAULT) {
            return false;
        }
        long mm = VmArea.VM_MM.get(cpu, vma);
        long pte = look == Look.PEEK
                ? kernel.pageVma().pageCheckAddress(cpu, page, mm, address)
                : kernel.pageVma().pageCheckAddressSync(cpu, page, mm, address);
        if (pte == Cpu.NULL) {
            return false;
        }
        SpinLock.unlock(cpu, kernel.pageTable().lockOf(cpu, pte));
        return true;
    }
}
