package kemu.mm.fault;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.hw.order.Order;
import kemu.kernel.task.TaskBody;
import kemu.mm.file.PageCache;
import kemu.mm.page.Page;
import kemu.mm.page.VmStatItem;
import kemu.mm.pgtable.Pte;
import kemu.mm.rmap.AnonVmaAudit;
import kemu.mm.rmap.MmLab;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    private static final long FILE_BASE = MmLab.BASE + (1L << 30);
    private static final int WORDS = MmLab.PAGE / Long.BYTES;

    private static long word(int word) {
        return MmLab.BASE + (long) word * Long.BYTES;
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldIsolateParentChildAndGrandchildByteByByte(String kind) {
        try (MmLab lab = MmLab.boot(kind, 2, 3)) {
            lab.run(cpu -> {
                long[][] model = new long[3][2 * WORDS];
                long[] mms = new long[3];
                SplittableRandom random = new SplittableRandom(7);
                mms[0] = lab.newMm(cpu, 2);
                for (int i = 0; i < 2 * WORDS; i++) {
                    model[0][i] = random.nextLong();
                    assertEquals(0, lab.kernel.userAccess().store64(cpu, mms[0], word(i), model[0][i]));
                }
                for (int who = 1; who < 3; who++) {
                    mms[who] = lab.kernel.mms().dupMm(cpu, mms[who - 1]);
                    model[who] = model[who - 1].clone();
                    for (int i = 0; i < 300; i++) {
                        int writer = random.nextInt(who + 1);
                        int at = random.nextInt(2 * WORDS);
                        long value = random.nextLong();
                        int code = lab.kernel
                                .userAccess()
                                .storeChecked(cpu, mms[writer], word(at), model[writer][at], value);
                        assertEquals(0, code);
                        model[writer][at] = value;
                    }
                    for (int owner = 0; owner <= who; owner++) {
                        for (int i = 0; i < 2 * WORDS; i++) {
                            assertEquals(0, lab.kernel.userAccess().load64(cpu, mms[owner], word(i), model[owner][i]));
                        }
                    }
                }
                for (long mm : mms) {
                    assertEquals(2, MmStruct.ANON_RSS.readOnce(cpu, mm));
                    lab.kernel.mms().mmput(cpu, mm);
                }
                assertEquals(0, lab.kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldShareTheZeroPageUntilWritten(String kind) {
        try (MmLab lab = MmLab.boot(kind, 2, 3)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 3);
                lab.expect(cpu, mm, 0, 0);
                lab.expect(cpu, mm, 1, 0);
                assertTrue((lab.pte(cpu, mm, 0) & Pte.SPECIAL) != 0);
                assertEquals(Pte.frame(lab.pte(cpu, mm, 0)), Pte.frame(lab.pte(cpu, mm, 1)));
                assertEquals(0, MmStruct.ANON_RSS.readOnce(cpu, mm));
                assertEquals(Cpu.NULL, VmArea.ANON_VMA.get(cpu, lab.vma(cpu, mm)));
                lab.write(cpu, mm, 0, 77);
                assertEquals(1, MmStruct.ANON_RSS.readOnce(cpu, mm));
                lab.expect(cpu, mm, 0, 77);
                lab.expect(cpu, mm, 1, 0);
                for (int i = 1; i < WORDS; i++) {
                    assertEquals(0, lab.kernel.userAccess().load64(cpu, mm, word(i), 0));
                }
                lab.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldLetTheLastOwnerReuseItsPage(String kind) {
        try (MmLab lab = MmLab.boot(kind, 2, 3)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 1);
                lab.write(cpu, mm, 0, 1);
                long frame = Pte.frame(lab.pte(cpu, mm, 0));
                long child = lab.kernel.mms().dupMm(cpu, mm);
                assertEquals(0, lab.pte(cpu, mm, 0) & Pte.RW, "fork write-protects the parent");
                lab.write(cpu, child, 0, 2);
                assertNotEquals(frame, Pte.frame(lab.pte(cpu, child, 0)));
                long reused = lab.kernel.vmStat().sum(cpu, VmStatItem.PGREUSE);
                lab.write(cpu, mm, 0, 3);
                assertEquals(frame, Pte.frame(lab.pte(cpu, mm, 0)), "sole owner keeps the frame");
                assertEquals(reused + 1, lab.kernel.vmStat().sum(cpu, VmStatItem.PGREUSE));
                // A child that is left alone with its parent's page may move it to its own anon_vma.
                long heir = lab.kernel.mms().dupMm(cpu, child);
                long inherited = Pte.frame(lab.pte(cpu, heir, 0));
                lab.kernel.mms().mmput(cpu, child);
                lab.write(cpu, heir, 0, 4);
                assertEquals(inherited, Pte.frame(lab.pte(cpu, heir, 0)));
                long page = lab.kernel.pages().pageOf(inherited);
                assertEquals(
                        VmArea.ANON_VMA.get(cpu, lab.vma(cpu, heir)) | Page.MAPPING_ANON,
                        Page.MAPPING.readOnce(cpu, page));
                lab.expect(cpu, mm, 0, 3);
                lab.kernel.mms().mmput(cpu, heir);
                lab.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldKeepTheFilesBytesWhenPrivateMappingWrites(String kind) {
        try (MmLab lab = MmLab.boot(kind, 2, 3)) {
            lab.run(cpu -> {
                long key = 42;
                long file = lab.kernel.files().open(cpu, key);
                long[] mms = {lab.kernel.mms().mmAlloc(cpu), lab.kernel.mms().mmAlloc(cpu)};
                for (long mm : mms) {
                    long flags = VmArea.VM_READ | VmArea.VM_WRITE;
                    assertEquals(
                            FILE_BASE,
                            lab.kernel.mmap().mmap(cpu, mm, FILE_BASE, 4L * MmLab.PAGE, flags, true, file, 5));
                }
                UserAccess access = lab.kernel.userAccess();
                long second = FILE_BASE + MmLab.PAGE;
                // Page 5 is read first, page 6 written at once.
                assertEquals(0, access.load64(cpu, mms[0], FILE_BASE, PageCache.contentsOf(key, 5, 0)));
                assertEquals(0, access.storeChecked(cpu, mms[0], FILE_BASE, PageCache.contentsOf(key, 5, 0), 1));
                assertEquals(0, access.storeChecked(cpu, mms[0], second, PageCache.contentsOf(key, 6, 0), 2));
                for (int i = 1; i < WORDS; i++) {
                    long offset = (long) i * Long.BYTES;
                    assertEquals(0, access.load64(cpu, mms[0], second + offset, PageCache.contentsOf(key, 6, i)));
                }
                assertEquals(0, access.load64(cpu, mms[1], FILE_BASE, PageCache.contentsOf(key, 5, 0)));
                assertEquals(0, access.load64(cpu, mms[1], second, PageCache.contentsOf(key, 6, 0)));
                assertEquals(0, access.load64(cpu, mms[0], FILE_BASE, 1));
                assertEquals(2, MmStruct.ANON_RSS.readOnce(cpu, mms[0]));
                assertEquals(0, MmStruct.FILE_RSS.readOnce(cpu, mms[0]));
                assertEquals(2, MmStruct.FILE_RSS.readOnce(cpu, mms[1]));
                assertEquals(2, lab.kernel.vmStat().sum(cpu, VmStatItem.NR_MAPPED));
                lab.kernel.mms().mmput(cpu, mms[0]);
                lab.kernel.mms().mmput(cpu, mms[1]);
                assertEquals(0, lab.kernel.vmStat().sum(cpu, VmStatItem.NR_MAPPED));
                lab.kernel.files().put(cpu, file);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldShareWritesToSharedFilePages(String kind) {
        try (MmLab lab = MmLab.boot(kind, 2, 3)) {
            lab.run(cpu -> {
                long file = lab.kernel.files().open(cpu, 9);
                long[] mms = {lab.kernel.mms().mmAlloc(cpu), lab.kernel.mms().mmAlloc(cpu)};
                UserAccess access = lab.kernel.userAccess();
                for (long mm : mms) {
                    long flags = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_SHARED;
                    lab.kernel.mmap().mmap(cpu, mm, FILE_BASE, 2L * MmLab.PAGE, flags, true, file, 0);
                    assertEquals(0, access.load64(cpu, mm, FILE_BASE, PageCache.contentsOf(9, 0, 0)));
                }
                assertEquals(0, access.store64(cpu, mms[0], FILE_BASE, 11));
                assertEquals(0, access.load64(cpu, mms[1], FILE_BASE, 11));
                assertEquals(0, access.store64(cpu, mms[1], FILE_BASE + MmLab.PAGE, 12));
                assertEquals(0, access.load64(cpu, mms[0], FILE_BASE + MmLab.PAGE, 12));
                lab.kernel.mms().mmput(cpu, mms[0]);
                lab.kernel.mms().mmput(cpu, mms[1]);
                long page = lab.kernel.pageCache().find(cpu, file, 0);
                assertTrue(Page.test(cpu, page, Page.PG_DIRTY));
                lab.kernel.pages().putPage(cpu, page);
                lab.kernel.files().put(cpu, file);
            });
        }
    }

    @Test
    void shouldRefuseWhatIsNotMappedOrNotAllowed() {
        try (MmLab lab = MmLab.boot("emu", 1, 3)) {
            lab.run(cpu -> {
                long mm = lab.kernel.mms().mmAlloc(cpu);
                UserAccess access = lab.kernel.userAccess();
                assertEquals(Faults.SIGSEGV, access.store64(cpu, mm, MmLab.BASE, 1));
                lab.kernel.mmap().mmap(cpu, mm, MmLab.BASE, MmLab.PAGE, VmArea.VM_READ, true, Cpu.NULL, 0);
                assertEquals(Faults.SIGSEGV, access.store64(cpu, mm, MmLab.BASE, 1));
                assertEquals(0, access.load64(cpu, mm, MmLab.BASE, 0));
                lab.kernel.mmap().mprotect(cpu, mm, MmLab.BASE, MmLab.PAGE, 0);
                assertEquals(Faults.SIGSEGV, access.load64(cpu, mm, MmLab.BASE, 0));
                assertEquals(Faults.SIGSEGV, access.load64(cpu, mm, MmLab.BASE - 8, 0));
                lab.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    @Test
    void shouldGrowStackDownToItsLimitOrItsNeighbour() {
        try (MmLab lab = MmLab.boot("emu", 1, 3)) {
            lab.run(cpu -> {
                long mm = lab.kernel.mms().mmAlloc(cpu);
                long flags = VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_GROWSDOWN;
                long top = MmLab.BASE + (64L << 20);
                lab.kernel.mmap().mmap(cpu, mm, top - MmLab.PAGE, MmLab.PAGE, flags, true, Cpu.NULL, 0);
                UserAccess access = lab.kernel.userAccess();
                assertEquals(0, access.store64(cpu, mm, top - 8, 1));
                assertEquals(0, access.store64(cpu, mm, top - 20L * MmLab.PAGE, 2));
                assertEquals(0, access.load64(cpu, mm, top - 8, 1));
                assertEquals(0, access.load64(cpu, mm, top - 10L * MmLab.PAGE, 0));
                assertEquals(Faults.SIGSEGV, access.store64(cpu, mm, top - (8L << 20) - 8, 1));
                lab.map(cpu, mm, top - 40L * MmLab.PAGE, 2);
                assertEquals(0, access.store64(cpu, mm, top - 38L * MmLab.PAGE, 3));
                assertEquals(0, access.store64(cpu, mm, top - 39L * MmLab.PAGE, 4));
                assertEquals(Faults.SIGSEGV, access.store64(cpu, mm, top - 41L * MmLab.PAGE, 4));
                assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu, mm));
                lab.kernel.mms().mmput(cpu, mm);
            });
        }
    }

    /** Two threads of one mm fault on the same pages at once: one page each, no count wrong. */
    @ParameterizedTest
    @ValueSource(strings = {"native", "emu"})
    void shouldMapOnePageWhenThreadsFaultTogether(String kind) {
        int seeds = kind.equals("native") ? 20 : 200;
        for (int seed = 0; seed < seeds; seed++) {
            try (MmLab lab = MmLab.boot(kind, 2, seed)) {
                Cpu boot = lab.machine.bootCpu();
                long cell = lab.kernel.pages().allocPages(boot, 0, 0);
                long frame = lab.kernel.pages().frameOf(cell);
                boot.write64(frame, 0);
                boot.write64(frame + 8, 0);
                TaskBody first = cpu -> {
                    long mm = lab.newMm(cpu, 8);
                    lab.kernel.mms().mmget(cpu, mm);
                    cpu.writeOnce64(frame, mm);
                    touchAll(lab, cpu, mm, 0);
                    cpu.condLoadNe64(frame + 8, -1L, 0, Order.ACQUIRE);
                    assertEquals(8, MmStruct.ANON_RSS.readOnce(cpu, mm));
                    assertEquals(8, lab.kernel.vmStat().sum(cpu, VmStatItem.NR_ANON_PAGES));
                    for (int i = 0; i < 8; i++) {
                        assertEquals(0, lab.kernel.userAccess().load64(cpu, mm, word(i * WORDS), i));
                        assertEquals(0, lab.kernel.userAccess().load64(cpu, mm, word(i * WORDS + 1), i));
                    }
                    assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu, mm));
                    lab.kernel.mms().mmput(cpu, mm);
                    lab.kernel.mms().mmput(cpu, mm);
                    assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu));
                };
                TaskBody second = cpu -> {
                    touchAll(lab, cpu, cpu.condLoadNe64(frame, -1L, 0, 0), 1);
                    cpu.storeRelease64(frame + 8, 1, Order.RELEASE);
                };
                lab.run(List.of(first, second));
            }
        }
    }

    private static void touchAll(MmLab lab, Cpu cpu, long mm, int who) {
        for (int i = 0; i < 8; i++) {
            assertEquals(0, lab.kernel.userAccess().store64(cpu, mm, word(i * WORDS + who), i));
        }
    }
}
