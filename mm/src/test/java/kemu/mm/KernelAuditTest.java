package kemu.mm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.function.BiConsumer;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.EmuMachine;
import kemu.hw.machine.MachineConfig;
import kemu.kernel.locking.SpinLock;
import kemu.kernel.task.KernelCore;
import kemu.mm.page.Gfp;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaWatch;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import org.junit.jupiter.api.Test;

class KernelAuditTest {
    private static final long BASE = 0x7000_0000_0000L;

    private Kernel kernel;
    private long mm;
    private long page;

    /** What is wrong after {@code fault} was done to a kernel with one process of two pages. */
    private String wrongAfter(BiConsumer<Kernel, Cpu> fault) {
        try (EmuMachine machine = KernelCore.bootEmulated(MachineConfig.of(4L << 20, 1))) {
            kernel = new Kernel(machine, KernelConfig.of(0));
            Cpu cpu = machine.bootCpu();
            mm = newMm(cpu);
            kernel.userAccess().store64(cpu, mm, BASE, 1);
            kernel.userAccess().store64(cpu, mm, BASE + 4096, 2);
            kernel.lru().drain(cpu);
            page = kernel.pages().pageOf(Pte.frame(cpu.read64(kernel.pageTable().find(cpu, mm, BASE))));
            AnonVmaWatch rmap = new AnonVmaWatch(machine, kernel.pages(), kernel.slabs(), kernel.anonVmas());
            rmap.scan();
            KernelAudit audit = new KernelAudit(machine, kernel, rmap, Set.of());
            assertEquals("", audit.audit(cpu));
            fault.accept(kernel, cpu);
            return audit.audit(cpu);
        }
    }

    private long newMm(Cpu cpu) {
        long made = kernel.mms().mmAlloc(cpu);
        kernel.mmap().mmap(cpu, made, BASE, 2 * 4096, VmArea.VM_READ | VmArea.VM_WRITE, true, Cpu.NULL, 0);
        return made;
    }

    private void assertWrong(String expected, BiConsumer<Kernel, Cpu> fault) {
        String wrong = wrongAfter(fault);
        assertTrue(wrong.contains(expected), wrong);
    }

    @Test
    void shouldFindNothingWrongWhenProcessesComeAndGo() {
        assertEquals("", wrongAfter((k, cpu) -> {
            long child = k.mms().dupMm(cpu, mm);
            k.userAccess().store64(cpu, child, BASE, 3);
            long other = newMm(cpu);
            k.userAccess().store64(cpu, other, BASE, 4);
            k.mms().mmput(cpu, mm);
            k.userAccess().store64(cpu, child, BASE + 4096, 5);
            k.mms().mmput(cpu, other);
            k.mms().mmput(cpu, child);
        }));
    }

    @Test
    void shouldFindMlockedPageThatIsNotCounted() {
        assertWrong("nr_mlock is 0, 1 pages have PG_mlocked", (k, cpu) -> {
            Page.FLAGS.setBits(cpu, page, Page.PG_MLOCKED);
        });
        assertWrong(
                "nr_mlock is 1, 0 pages have PG_mlocked", (k, cpu) -> k.vmStat().inc(cpu, VmStatItem.NR_MLOCK));
    }

    @Test
    void shouldFindFlagsWithoutAList() {
        assertWrong("free with PG_mlocked: page:0x", (k, cpu) -> {
            long taken = k.pages().allocPages(cpu, Gfp.KERNEL, 0);
            k.pages().putPage(cpu, taken);
            Page.FLAGS.setBits(cpu, taken, Page.PG_MLOCKED);
        });
        assertWrong("PG_lru, but on no LRU list: page:0x", (k, cpu) -> {
            k.lru().isolate(cpu, page);
            Page.FLAGS.setBits(cpu, page, Page.PG_LRU);
        });
        assertWrong("PG_unevictable, but on no LRU list: page:0x", (k, cpu) -> {
            k.lru().isolate(cpu, page);
            Page.FLAGS.setBits(cpu, page, Page.PG_UNEVICTABLE);
        });
    }

    @Test
    void shouldFindLockedVmThatIsNotCounted() {
        assertWrong("locked_vm is 0, locked vmas have 2 pages", (k, cpu) -> {
            long vma = k.mms().findVma(cpu, mm, BASE);
            VmArea.VM_FLAGS.set(cpu, vma, VmArea.VM_FLAGS.get(cpu, vma) | VmArea.VM_LOCKED);
        });
    }

    @Test
    void shouldFindNothingWrongWhenPagesAreLockedAndUnlocked() {
        assertEquals("", wrongAfter((k, cpu) -> {
            assertEquals(0, k.mlock().mlock(cpu, mm, BASE, 2 * 4096));
            assertEquals(2, k.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
            assertEquals(0, k.mlock().munlock(cpu, mm, BASE, 4096));
            assertEquals(1, k.vmStat().sum(cpu, VmStatItem.NR_MLOCK));
        }));
    }

    @Test
    void shouldFindLeakedAndMissingReferences() {
        assertWrong("1 references that nobody accounts for", (k, cpu) -> Page.get(cpu, page));
        assertWrong(
                "1 references that nobody accounts for", (k, cpu) -> k.pages().allocPages(cpu, Gfp.KERNEL, 0));
        assertWrong("1 references too few", (k, cpu) -> Page.COUNT.add(cpu, page, -1));
    }

    @Test
    void shouldFindLostAndStrandedPages() {
        assertWrong("lost, on no LRU list", (k, cpu) -> {
            k.lru().isolate(cpu, page);
            k.pages().putPage(cpu, page);
        });
        assertWrong("stranded on the unevictable list", (k, cpu) -> {
            k.lru().isolate(cpu, page);
            k.lru().addUnevictable(cpu, page);
            k.pages().putPage(cpu, page);
        });
        assertWrong("on LRU list", (k, cpu) -> Page.FLAGS.clearBits(cpu, page, Page.PG_LRU));
    }

    @Test
    void shouldFindFreeListsThatDisagree() {
        assertWrong("marked free, on no free list", (k, cpu) -> {
            long taken = k.pages().allocPages(cpu, Gfp.KERNEL, 0);
            Page.FLAGS.writeOnce(cpu, taken, Page.PG_FREE);
        });
    }

    @Test
    void shouldFindWhatIsLeftOfAddressSpaces() {
        assertWrong(
                "vm_area_structs allocated that belong to no address space",
                (k, cpu) -> k.mms().vmaCache().alloc(cpu, Gfp.KERNEL));
        assertWrong(
                "1 page tables that belong to no address space",
                (k, cpu) -> Page.FLAGS.setBits(cpu, k.pages().allocPages(cpu, Gfp.KERNEL, 0), Page.PG_TABLE));
        assertWrong(
                "anon_vmas allocated, 1 reachable",
                (k, cpu) -> k.anonVmas().cache().alloc(cpu, Gfp.KERNEL));
    }

    @Test
    void shouldFindAnonVmasThatAreNotAsTheyShould() {
        assertWrong("free anon_vma 0x", (k, cpu) -> {
            long anonVma = k.anonVmas().cache().alloc(cpu, Gfp.KERNEL);
            k.anonVmas().cache().free(cpu, anonVma);
            SpinLock.lock(cpu, AnonVma.LOCK.of(anonVma));
        });
        assertWrong("lock held by nobody", (k, cpu) -> {
            long vma = k.mms().findVma(cpu, mm, BASE);
            SpinLock.lock(cpu, AnonVma.LOCK.of(VmArea.ANON_VMA.readOnce(cpu, vma)));
        });
        assertWrong("refcount 2 instead of 1", (k, cpu) -> {
            long vma = k.mms().findVma(cpu, mm, BASE);
            k.anonVmas().refs().get(cpu, VmArea.ANON_VMA.readOnce(cpu, vma));
        });
        assertWrong("whose anon_vma is not on the chain", (k, cpu) -> Page.MAPPING.writeOnce(cpu, page, 0x12341));
    }

    @Test
    void shouldFindVmasOfOneAnonVmaWithDifferentChains() {
        assertWrong("(I10)", (k, cpu) -> {
            long child = k.mms().dupMm(cpu, mm);
            k.mmap().munmap(cpu, child, BASE + 4096, 4096);
            k.userAccess().store64(cpu, child, BASE, 3);
            long vma = k.mms().findVma(cpu, child, BASE);
            k.mmap().mmap(cpu, child, BASE + 8 * 4096, 4096, VmArea.VM_READ | VmArea.VM_WRITE, true, Cpu.NULL, 0);
            k.userAccess().store64(cpu, child, BASE + 8 * 4096, 3);
            // As if fork had chosen an anon_vma that is in use: equal anon_vma, but another chain.
            long second = k.mms().findVma(cpu, child, BASE + 8 * 4096);
            VmArea.ANON_VMA.writeOnce(cpu, second, VmArea.ANON_VMA.readOnce(cpu, vma));
        });
    }
}
