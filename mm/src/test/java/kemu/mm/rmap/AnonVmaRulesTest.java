package kemu.mm.rmap;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import kemu.hw.cpu.Cpu;
import kemu.mm.KernelConfig;
import kemu.mm.types.AnonVma;
import kemu.mm.types.MmStruct;
import kemu.mm.types.VmArea;
import kemu.rcu.list.ListHead;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AnonVmaRulesTest {
    private static final int GENERATIONS = 12;

    private static MmLab boot(String rules) {
        return MmLab.boot("emu", 1, 1, new KernelConfig("root-rwsem", 0).withAnonVmaRules(rules));
    }

    private static int chainLength(Cpu cpu, long vma) {
        int length = 0;
        long head = VmArea.ANON_VMA_CHAIN.of(vma);
        for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
            length++;
        }
        return length;
    }

    /** A line of forks, each of whose parents exits: with a new anon_vma every time chains grow for ever. */
    @ParameterizedTest
    @CsvSource({"current, 13", "reuse-by-degree, 3", "reuse-by-counters, 3"})
    void shouldBoundChainsOnlyWhereForkReuses(String rules, int longest) {
        try (MmLab lab = boot(rules)) {
            lab.run(cpu -> {
                long mm = lab.newMm(cpu, 1);
                lab.write(cpu, mm, 0, 1);
                int most = 0;
                for (int i = 0; i < GENERATIONS; i++) {
                    long child = lab.kernel.mms().dupMm(cpu, mm);
                    lab.kernel.mms().mmput(cpu, mm);
                    mm = child;
                    lab.write(cpu, mm, 0, i);
                    most = Math.max(most, chainLength(cpu, lab.vma(cpu, mm)));
                    assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu, mm));
                }
                assertEquals(longest, most);
                lab.kernel.mms().mmput(cpu, mm);
                assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu));
            });
        }
    }

    /**
     * Forks, splits, merges and exits in any order: the counts of every anon_vma are those of its VMAs and children.
     */
    @Test
    void shouldCountVmasAndChildrenExactly() {
        try (MmLab lab = boot("reuse-by-counters")) {
            lab.run(cpu -> {
                SplittableRandom random = new SplittableRandom(11);
                List<Long> mms = new ArrayList<>();
                mms.add(lab.newMm(cpu, 4));
                lab.write(cpu, mms.get(0), 0, 1);
                for (int i = 0; i < 400; i++) {
                    long mm = mms.get(random.nextInt(mms.size()));
                    int choice = random.nextInt(4);
                    if (choice == 0 && mms.size() < 8) {
                        mms.add(lab.kernel.mms().dupMm(cpu, mm));
                    } else if (choice == 1 && mms.size() > 1) {
                        mms.remove(mm);
                        lab.kernel.mms().mmput(cpu, mm);
                    } else {
                        long rights = VmArea.VM_READ | VmArea.VM_WRITE | (random.nextBoolean() ? VmArea.VM_EXEC : 0);
                        long start = MmLab.BASE + (long) random.nextInt(4) * MmLab.PAGE;
                        assertEquals(0, lab.kernel.mmap().mprotect(cpu, mm, start, MmLab.PAGE, rights));
                        lab.write(cpu, mm, random.nextInt(4), i);
                    }
                    checkCounts(lab, cpu, mms);
                }
                for (long mm : mms) {
                    lab.kernel.mms().mmput(cpu, mm);
                }
                assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu));
            });
        }
    }

    private static void checkCounts(MmLab lab, Cpu cpu, List<Long> mms) {
        long[] all = mms.stream().mapToLong(Long::longValue).toArray();
        assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu, all));
        Map<Long, Integer> active = new TreeMap<>();
        Set<Long> linked = new TreeSet<>();
        for (long mm : all) {
            for (long vma = MmStruct.MMAP.get(cpu, mm); vma != Cpu.NULL; vma = VmArea.VM_NEXT.get(cpu, vma)) {
                active.merge(VmArea.ANON_VMA.get(cpu, vma), 1, Integer::sum);
                long head = VmArea.ANON_VMA_CHAIN.of(vma);
                for (long at = ListHead.first(cpu, head); at != head; at = ListHead.next(cpu, at)) {
                    linked.add(AnonVmaChain.ANON_VMA.get(cpu, AnonVmaChain.SAME_VMA.containerOf(at)));
                }
            }
        }
        for (long anonVma : linked) {
            assertEquals(active.getOrDefault(anonVma, 0), AnonVma.NUM_ACTIVE_VMAS.get(cpu, anonVma));
            long children = linked.stream()
                    .filter(one -> AnonVma.PARENT.get(cpu, one) == anonVma)
                    .count();
            assertEquals(children, AnonVma.NUM_CHILDREN.get(cpu, anonVma));
        }
    }

    /** What is convicted needs its own circumstances: forks, writes and exits alone go well with every rule. */
    @ParameterizedTest
    @MethodSource("kemu.mm.rmap.rules.AnonVmaRuleSets#names")
    void shouldGoThroughForksAndExitsWithEveryRule(String rules) {
        try (MmLab lab = boot(rules)) {
            lab.run(cpu -> {
                long parent = lab.newMm(cpu, 2);
                lab.write(cpu, parent, 0, 1);
                long child = lab.kernel.mms().dupMm(cpu, parent);
                lab.write(cpu, child, 0, 2);
                lab.expect(cpu, parent, 0, 1);
                lab.kernel.mms().mmput(cpu, parent);
                lab.expect(cpu, child, 0, 2);
                lab.kernel.mms().mmput(cpu, child);
                assertEquals("", new AnonVmaAudit(lab.kernel.anonVmas()).audit(cpu));
            });
        }
    }
}
