package kemu.mm.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import kemu.hw.cpu.Cpu;
import kemu.hw.machine.Area;
import kemu.hw.mem.FailureKind;
import kemu.hw.mem.KernelBug;
import kemu.kernel.context.Preempt;
import kemu.kernel.context.Task;
import kemu.mm.KernelConfig;
import kemu.mm.page.Page;
import kemu.mm.pgtable.PageTable;
import kemu.mm.pgtable.Pte;
import kemu.mm.pgtable.tlb.TlbModes;
import kemu.mm.rmap.MmLab;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries of TLBs: how they come, how long they stay, and who drops them. */
class TlbTest {
    private static final int PAGES = 3;
    private static final int SEEDS = 200;

    private MmLab lab;
    private Cpu cpu;
    private Cpu other;
    private long mm;

    private void boot(String tlb) {
        lab = MmLab.boot("emu", 2, 1, KernelConfig.of(64).withTlb(tlb));
        cpu = lab.machine.cpu(0);
        other = lab.machine.cpu(1);
        mm = lab.newMm(cpu, PAGES);
        for (int page = 0; page < PAGES; page++) {
            lab.write(cpu, mm, page, 1 + page);
        }
    }

    private void boot() {
        boot(TlbModes.EXPLORED);
    }

    @AfterEach
    void close() {
        lab.close();
    }

    private PageTable tables() {
        return lab.kernel.pageTable();
    }

    private static long at(int page) {
        return MmLab.BASE + (long) page * MmLab.PAGE;
    }

    private boolean stores(Cpu by, int page, long value) {
        return lab.kernel.userAccess().storeInatomic(by, mm, at(page), value);
    }

    private void take(int page, long bits) {
        long pte = tables().find(cpu, mm, at(page));
        cpu.writeOnce64(pte, cpu.readOnce64(pte) & ~bits);
    }

    private void give(int page, long bits) {
        long pte = tables().find(cpu, mm, at(page));
        cpu.writeOnce64(pte, cpu.readOnce64(pte) | bits);
    }

    @Test
    void shouldUseAnEntryUntilItsPageIsFlushed() {
        boot();
        take(0, Pte.RW);
        take(1, Pte.RW);
        assertTrue(stores(cpu, 0, 5), "the pte forbids it, the entry does not");
        assertFalse(stores(other, 0, 6), "another CPU has no entry and walks");
        tables().flushTlbPage(other, mm, at(0));
        assertFalse(stores(cpu, 0, 7));
        assertTrue(stores(cpu, 1, 7), "the entry of another page stays");
        tables().flushTlbMm(other, mm);
        assertFalse(stores(cpu, 1, 8));
        lab.expect(cpu, mm, 0, 5);
    }

    @Test
    void shouldFlushItsOwnEntriesToo() {
        boot();
        take(0, Pte.RW);
        take(1, Pte.RW);
        tables().flushTlbPage(cpu, mm, at(0));
        assertFalse(stores(cpu, 0, 5));
        tables().flushTlbMm(cpu, mm);
        assertFalse(stores(cpu, 1, 5));
    }

    @Test
    void shouldWalkEveryTimeWithoutTlb() {
        boot(TlbModes.NONE);
        take(0, Pte.RW);
        assertFalse(stores(cpu, 0, 5));
    }

    @Test
    void shouldKeepEntriesOfOtherAddressSpaces() {
        boot();
        take(0, Pte.RW);
        tables().flushTlbMm(other, lab.newMm(other, 1));
        assertTrue(stores(cpu, 0, 5), "an interrupt goes to CPUs that use the address space");
    }

    @Test
    void shouldDropAllWhenTheCpuTurnsToAnotherAddressSpace() {
        boot();
        long second = lab.newMm(other, 1);
        take(0, Pte.RW);
        lab.write(cpu, second, 0, 9);
        assertFalse(stores(cpu, 0, 5));
        lab.expect(cpu, second, 0, 9);
    }

    @Test
    void shouldWalkForTheFirstWriteAndSetTheBit() {
        boot();
        take(0, Pte.DIRTY);
        tables().flushTlbMm(cpu, mm);
        lab.expect(cpu, mm, 0, 1);
        take(0, Pte.RW);
        assertFalse(stores(cpu, 0, 5), "the entry is writable, but not dirty");
        give(0, Pte.RW);
        lab.expect(cpu, mm, 0, 1);
        assertTrue(stores(cpu, 0, 5));
        assertTrue((lab.pte(cpu, mm, 0) & Pte.DIRTY) != 0);
    }

    @Test
    void shouldFaultOnceByAnEntryThatForbidsWhatThePteAllows() {
        boot();
        take(0, Pte.RW);
        tables().flushTlbMm(cpu, mm);
        lab.expect(cpu, mm, 0, 1);
        give(0, Pte.RW);
        assertFalse(stores(cpu, 0, 5), "no walk");
        assertTrue(stores(cpu, 0, 5), "the fault has dropped the entry");
        take(1, Pte.RW);
        tables().flushTlbMm(cpu, mm);
        lab.expect(cpu, mm, 1, 2);
        give(1, Pte.RW);
        lab.write(cpu, mm, 1, 7);
        lab.expect(other, mm, 1, 7);
    }

    @Test
    void shouldDropWhatAnAddressSpaceLeavesBehind() {
        boot();
        long frame = Pte.frame(lab.pte(cpu, mm, 0));
        lab.kernel.mms().mmput(cpu, mm);
        assertEquals(0, Page.COUNT.get(cpu, lab.kernel.pages().pageOf(frame)));
        long next = lab.newMm(cpu, 1);
        assertEquals(mm, next, "the structure is used again");
        lab.expect(cpu, next, 0, 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {TlbModes.EXPLORED, TlbModes.FORK_NO_FLUSH})
    void shouldFlushWhenTheOnlyTaskForks(String tlb) {
        boot(tlb);
        AtomicBoolean shared = new AtomicBoolean();
        lab.run(by -> {
            lab.write(by, mm, 0, 1);
            long task = Area.CURRENT.get(by, by.area());
            Task.MM.set(by, task, mm);
            long child = lab.kernel.mms().dupMm(by, mm);
            lab.write(by, mm, 0, 5);
            Task.MM.set(by, task, Cpu.NULL);
            shared.set(lab.kernel.userAccess().load64(by, child, at(0), 5) == 0);
        });
        assertEquals(tlb.equals(TlbModes.FORK_NO_FLUSH), shared.get(), "the child sees what the parent writes later");
    }

    @Test
    void shouldNotWaitForOthersWithInterruptsDisabled() {
        boot();
        Preempt.irqDisable(cpu);
        KernelBug bug = assertThrows(KernelBug.class, () -> tables().flushTlbPage(cpu, mm, at(0)));
        assertEquals(FailureKind.ATOMIC_CONTEXT, bug.kind());
        assertTrue(bug.getMessage().contains("interrupts disabled"), bug.getMessage());
    }

    @Test
    void shouldWaitForWhoeverHasInterruptsDisabled() {
        for (int seed = 0; seed < SEEDS; seed++) {
            lab = MmLab.boot("emu", 2, seed, KernelConfig.of(0).withTlb(TlbModes.EXPLORED));
            try (MmLab open = lab) {
                long space = open.newMm(open.machine.bootCpu(), 1);
                AtomicInteger inside = new AtomicInteger();
                AtomicInteger early = new AtomicInteger();
                open.run(List.of(
                        by -> {
                            FlushWindow.open(by, space);
                            inside.set(1);
                            for (int i = 0; i < 20; i++) {
                                by.readOnce64(by.area());
                            }
                            inside.set(2);
                            FlushWindow.close(by);
                        },
                        by -> {
                            boolean begun = inside.get() == 1;
                            open.kernel.pageTable().flushTlbMm(by, space);
                            early.set(begun && inside.get() != 2 ? 1 : 0);
                        }));
                assertEquals(0, early.get(), "seed " + seed);
            }
        }
        boot();
    }
}
