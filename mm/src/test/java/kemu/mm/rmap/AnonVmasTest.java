package kemu.mm.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import kemu.hw.cpu.Cpu;
import kemu.mm.types.AnonVma;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnonVmasTest {
    private static long[] chain(Cpu cpu, long vma) {
        List<Long> anonVmas = new ArrayList<>();
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            anonVmas.add(AnonVmaChain.ANON_VMA.get(cpu, AnonVmaChain.SAME_VMA.containerOf(at)));
        }
        return anonVmas.stream().mapToLong(Long::longValue).toArray();
    }

    private static void audit(MmLab lab, Cpu cpu, long... mms) {
        assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu, mms));
    }

    @ParameterizedTest
    @ValueSource(strings = {"root-recheck", "root-reread", "root-rwsem"})
    void shouldOrderChainsNewestFirstAndRootLastOverGenerations(String anonVma) {
        try (MmLab lab = MmLab.boot("emu", 1, 1, anonVma, "debug")) {
            lab.run(cpu -> {
                long[] mms = new long[5];
                mms[0] = lab.newMm(cpu, 4);
                lab.write(cpu, mms[0], 0, 1);
                for (int i = 1; i < mms.length; i++) {
                    mms[i] = lab.kernel.mms().dupMm(cpu, mms[i - 1]);
                }
                long[] parent = chain(cpu, lab.vma(cpu, mms[0]));
                assertEquals(1, parent.length);
                for (int i = 1; i < mms.length; i++) {
                    long[] child = chain(cpu, lab.vma(cpu, mms[i]));
                    assertEquals(parent.length + 1, child.length);
                    for (int k = 0; k < parent.length; k++) {
                        assertEquals(parent[k], child[k + 1], "the parent's chain follows, in order");
                    }
                    assertEquals(VmArea.ANON_VMA.get(cpu, lab.vma(cpu, mms[i])), child[0]);
                    parent = child;
                }
                long root = parent[parent.length - 1];
                assertEquals(5, AnonVma.REFCOUNT.readOnce(cpu, root), "list and four children");
                audit(lab, cpu, mms);
                // The root's owner goes first: the root stays for the others.
                lab.kernel.mms().mmput(cpu, mms[0]);
                audit(lab, cpu, mms[1], mms[2], mms[3], mms[4]);
                for (int i = 4; i >= 1; i--) {
                    lab.kernel.mms().mmput(cpu, mms[i]);
                }
                audit(lab, cpu);
            });
        }
    }

    @Test
    void shouldListOldestVmaFirstSoThatWalksUnderWayMeetNewOnes() {
        try (MmLab lab = MmLab.boot("emu", 1, 1)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 1);
                lab.write(cpu, mm, 0, 1);
                long first = lab.kernel.mms().dupMm(cpu, mm);
                long second = lab.kernel.mms().dupMm(cpu, mm);
                long head = AnonVma.HEAD.of(VmArea.ANON_VMA.get(cpu, lab.vma(cpu, mm)));
                long at = head;
                for (long owner : new long[] {mm, first, second}) {
                    at = ListHead.next(cpu, at);
                    assertEquals(
                            lab.vma(cpu, owner), AnonVmaChain.VMA.get(cpu, AnonVmaChain.SAME_ANON_VMA.containerOf(at)));
                }
                assertEquals(head, ListHead.next(cpu, at));
            });
        }
    }

    /** Freeing a child still reads its root; slots are reused last freed, first taken. */
    @Test
    void shouldFreeTheChildBeforeItsRoot() {
        try (MmLab lab = MmLab.boot("emu", 1, 1)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 1);
                lab.write(cpu, mm, 0, 1);
                long child = lab.kernel.mms().dupMm(cpu, mm);
                long root = VmArea.ANON_VMA.get(cpu, lab.vma(cpu, mm));
                long own = VmArea.ANON_VMA.get(cpu, lab.vma(cpu, child));
                lab.kernel.anonVmas().refs().get(cpu, own);
                lab.kernel.mms().mmput(cpu, mm);
                lab.kernel.mms().mmput(cpu, child);
                assertEquals(1, AnonVma.REFCOUNT.readOnce(cpu, root), "a pinned child keeps its root");
                lab.kernel.anonVmas().refs().put(cpu, own);
                assertEquals(root, lab.kernel.anonVmas().cache().alloc(cpu, 0));
                assertEquals(own, lab.kernel.anonVmas().cache().alloc(cpu, 0));
            });
        }
    }

    @Test
    void shouldReportWhatIsWrongWithCountsChainsAndLocks() {
        try (MmLab lab = MmLab.boot("emu", 1, 1)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 1);
                lab.write(cpu, mm, 0, 1);
                long child = lab.kernel.mms().dupMm(cpu, mm);
                audit(lab, cpu, mm, child);
                AnonVmaAudit audit = new AnonVmaAudit(lab.kernel.anonVmas());
                assertTrue(audit.audit(cpu, mm).contains("2 anon_vmas allocated, 1 reachable"));
                long own = VmArea.ANON_VMA.get(cpu, lab.vma(cpu, child));
                lab.kernel.anonVmas().refs().get(cpu, own);
                assertTrue(audit.audit(cpu, mm, child).contains("refcount 2 instead of 1"));
                lab.kernel.anonVmas().refs().put(cpu, own);
                lab.kernel.anonVmas().locking().lock(cpu, own);
                assertTrue(audit.audit(cpu, mm, child).contains("lock held by nobody"));
                lab.kernel.anonVmas().locking().unlock(cpu, own);
                long head = VmArea.ANON_VMA_CHAIN.of(lab.vma(cpu, child));
                ListHead.moveTail(cpu, ListHead.first(cpu, head), head);
                String wrong = audit.audit(cpu, mm, child);
                assertTrue(wrong.contains("oldest of the chain is not the root"), wrong);
                assertTrue(wrong.contains("newest of the chain is not vma.anon_vma"), wrong);
            });
        }
    }

    @Test
    void shouldShareAnonVmaWithNeighbourOnlyIfItNeverForked() {
        try (MmLab lab = MmLab.boot("emu", 1, 1)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 4);
                long middle = MmLab.BASE + 2 * MmLab.PAGE;
                // Split by protection: two VMAs that could share.
                lab.kernel.mmap().mprotect(cpu, mm, middle, 2L * MmLab.PAGE, VmArea.VM_READ);
                lab.write(cpu, mm, 0, 1);
                lab.kernel
                        .mmap()
                        .mprotect(cpu, mm, middle, MmLab.PAGE, VmArea.VM_READ | VmArea.VM_WRITE | VmArea.VM_EXEC);
                long upper = lab.kernel.mms().findVma(cpu, mm, middle);
                assertNotEquals(lab.vma(cpu, mm), upper);
                assertEquals(Cpu.NULL, VmArea.ANON_VMA.get(cpu, upper));
                assertEquals(0, lab.kernel.anonVmas().anonVmaPrepare(cpu, upper));
                assertEquals(VmArea.ANON_VMA.get(cpu, lab.vma(cpu, mm)), VmArea.ANON_VMA.get(cpu, upper));
                audit(lab, cpu, mm);

                long child = lab.kernel.mms().dupMm(cpu, mm);
                long last = lab.kernel.mms().findVma(cpu, child, middle + MmLab.PAGE);
                assertEquals(Cpu.NULL, VmArea.ANON_VMA.get(cpu, last));
                lab.kernel.anonVmas().anonVmaPrepare(cpu, last);
                long before = lab.kernel.mms().findVma(cpu, child, middle);
                assertNotEquals(VmArea.ANON_VMA.get(cpu, before), VmArea.ANON_VMA.get(cpu, last));
                audit(lab, cpu, mm, child);
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"native,root-recheck", "native,root-rwsem", "emu,root-recheck", "emu,root-reread", "emu,root-rwsem"})
    void shouldKeepInvariantsOverRandomForkAndExitTrees(String kind, String anonVma) {
        for (int seed = 0; seed < 20; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            try (MmLab lab = MmLab.boot(kind, 2, seed, anonVma, "debug")) {
                lab.run(cpu -> {
                    List<Long> mms = new ArrayList<>();
                    mms.add(lab.newMm(cpu, 6));
                    for (int step = 0; step < 60; step++) {
                        step(lab, cpu, mms, random);
                        audit(lab, cpu, mms.stream().mapToLong(Long::longValue).toArray());
                    }
                    for (long mm : mms) {
                        lab.kernel.mms().mmput(cpu, mm);
                    }
                    audit(lab, cpu);
                });
            }
        }
    }

    private static void step(MmLab lab, Cpu cpu, List<Long> mms, SplittableRandom random) {
        long mm = mms.get(random.nextInt(mms.size()));
        switch (random.nextInt(8)) {
            case 0, 1 -> {
                if (mms.size() < 12) {
                    mms.add(lab.kernel.mms().dupMm(cpu, mm));
                }
            }
            case 2 -> {
                if (mms.size() > 1) {
                    mms.remove(mm);
                    lab.kernel.mms().mmput(cpu, mm);
                }
            }
            case 3 -> mms.add(lab.newMm(cpu, 6));
            case 4 -> {
                long address = MmLab.BASE + (long) random.nextInt(6) * MmLab.PAGE;
                long flags = random.nextBoolean() ? VmArea.VM_READ : VmArea.VM_READ | VmArea.VM_WRITE;
                assertTrue(lab.kernel.mmap().mprotect(cpu, mm, address, MmLab.PAGE, flags) <= 0);
            }
            default -> {
                long address = MmLab.BASE + (long) random.nextInt(6) * MmLab.PAGE;
                lab.kernel.userAccess().store64(cpu, mm, address, random.nextLong());
            }
        }
    }
}
